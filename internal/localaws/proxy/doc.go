// Package proxy is an HTTP forward proxy that terminates TLS for the host names of
// AWS with certificates of a local authority, passes the requests to an
// [http.Handler], and connects to no other host.
//
// Programs need no endpoint settings: with HTTPS_PROXY, HTTP_PROXY and AWS_CA_BUNDLE
// they use the same host names, TLS and signatures as on AWS.
package proxy
