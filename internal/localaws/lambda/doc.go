// Package lambda runs Lambda functions, which the emulator keeps but runs only
// in containers: functions of the runtimes provided.al2023 and provided.al2,
// whose code is a program for this machine, such as one that Go built.
//
// The front hands over the code that functions are made of ([Service.Keep]),
// calls of them ([Service.Invoke]), and the news that EventBridge's rules have
// changed ([Service.RulesChanged]), upon which rules with a rate call their
// functions.
//
// Each call starts the program anew, serves it the Runtime API on a loopback
// address, and ends it: what AWS calls a cold start. The program gets the
// credentials of the function's role, which must let Lambda assume it, and
// reaches the local AWS and nothing else of AWS.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
//
// # What differs from Lambda
//
// A program is not kept for the next call, is not limited in memory, and sees
// the files of this machine. What it prints goes to the log of the local AWS,
// and to whoever calls it with the log type Tail, but not to CloudWatch Logs. There
// are no versions, layers, extensions or retries; cron schedules are not kept.
// Topics do not call functions, as they are the emulator's.
package lambda
