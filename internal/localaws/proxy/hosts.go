package proxy

import (
	"net"
	"strings"
)

// awsDomains are the domains of AWS's APIs, in all partitions.
// https://docs.aws.amazon.com/general/latest/gr/rande.html
var awsDomains = []string{
	"amazonaws.com",
	"amazonaws.com.cn",
	"amazonaws.eu",
	"api.aws",
	"api.amazonwebservices.com.cn",
	"api.amazonwebservices.eu",
	"on.aws",
}

// IsAWS reports whether a host name, with or without a port, belongs to AWS.
func IsAWS(host string) bool {
	host = Hostname(host)
	for _, domain := range awsDomains {
		if strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

// Hostname returns the host of "host" or "host:port" in lower case, without a
// trailing dot.
func Hostname(hostport string) string {
	host := hostport
	if name, _, err := net.SplitHostPort(hostport); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}
