// Package lambda runs Lambda functions, which the emulator stores but can run only
// in containers: functions of the runtimes provided.al2023 and provided.al2 whose
// code is a program for this machine, such as a Go binary.
//
// The front passes on the code of functions ([Service.Keep]), their calls
// ([Service.Invoke]), and changes to EventBridge rules ([Service.RulesChanged]).
// Rules with a rate call their functions.
//
// Each call starts the program, serves it the Runtime API on a loopback address, and
// ends it: every call is a cold start. The program gets the credentials of the
// function's role, whose trust policy must allow Lambda, and can reach the local AWS
// but not AWS.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
//
// # What differs from Lambda
//
// A program is not kept for the next call, has no memory limit, and can read the
// files of this machine. Its output goes to the log of the local AWS, and to callers
// with the log type Tail, but not to CloudWatch Logs. There are no versions, layers,
// extensions or retries; cron schedules are ignored. Topics do not call functions,
// because the emulator implements them.
package lambda
