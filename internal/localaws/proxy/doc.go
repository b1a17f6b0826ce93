// Package proxy is an HTTP forward proxy that ends TLS for the host names of
// AWS with certificates of a local certificate authority, hands the requests to
// an [http.Handler] as if that were AWS, and reaches no host whatever.
//
// Programs need no endpoint settings: HTTPS_PROXY, HTTP_PROXY and AWS_CA_BUNDLE
// take them here with the host names, TLS and signatures that they use on AWS.
package proxy
