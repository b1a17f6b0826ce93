package proxy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	authorityLifetime = 10 * 365 * 24 * time.Hour
	leafLifetime      = 397 * 24 * time.Hour // the longest validity that strict clients accept
	renewBefore       = 30 * 24 * time.Hour
	backdate          = time.Hour // for clocks that differ slightly
	maxLeaves         = 4096
)

// everyAddress are all IP addresses, which are excluded.
var everyAddress = []*net.IPNet{
	{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 8*net.IPv4len)},
	{IP: net.IPv6zero, Mask: net.CIDRMask(0, 8*net.IPv6len)},
}

// Authority is a certificate authority for the host names of AWS only: its
// certificate has a name constraint, so that even a stolen key can't impersonate any
// other site.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	bundle      []byte

	mu      sync.Mutex
	leafKey *ecdsa.PrivateKey
	leaves  map[string]*tls.Certificate
}

// OpenAuthority reads the authority in a folder. It creates a new one if there is
// none, or if it is damaged or about to expire. The files are ca.pem, which is
// complete as an AWS_CA_BUNDLE, and ca-key.pem.
func OpenAuthority(dir string) (*Authority, error) {
	authority, err := readAuthority(dir)
	if err == nil && time.Until(authority.certificate.NotAfter) > renewBefore {
		return authority, nil
	}
	if authority, err = newAuthority(); err != nil {
		return nil, fmt.Errorf("making the local certificate authority: %w", err)
	}
	if err := authority.write(dir); err != nil {
		return nil, fmt.Errorf("keeping the local certificate authority: %w", err)
	}
	return authority, nil
}

// BundlePath returns the path of [OpenAuthority]'s certificate in a folder.
func BundlePath(dir string) string { return filepath.Join(dir, "ca.pem") }

func keyPath(dir string) string { return filepath.Join(dir, "ca-key.pem") }

// Pool returns a pool with the authority's certificate, for clients in this process.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// Certificate returns a server certificate for a host of AWS.
func (a *Authority) Certificate(host string) (*tls.Certificate, error) {
	if !IsAWS(host) {
		return nil, fmt.Errorf("%q is not a host name of AWS", host)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if leaf := a.leaves[host]; leaf != nil && time.Until(leaf.Leaf.NotAfter) > renewBefore {
		return leaf, nil
	}
	leaf, err := a.issue(host)
	if err != nil {
		return nil, fmt.Errorf("issuing a certificate for %s: %w", host, err)
	}
	if len(a.leaves) >= maxLeaves {
		clear(a.leaves)
	}
	a.leaves[host] = leaf
	return leaf, nil
}

func (a *Authority) issue(host string) (*tls.Certificate, error) {
	if a.leafKey == nil {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		a.leafKey = key
	}
	serial, err := serialNumber()
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{Organization: []string{"crr local AWS"}},
		NotBefore:    time.Now().Add(-backdate),
		NotAfter:     time.Now().Add(leafLifetime),
		DNSNames:     []string{host},
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.certificate, &a.leafKey.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.certificate.Raw}, PrivateKey: a.leafKey, Leaf: leaf}, nil
}

func newAuthority() (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := serialNumber()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:                serial,
		Subject:                     pkix.Name{Organization: []string{"crr local AWS"}, CommonName: "crr local AWS on this machine"},
		NotBefore:                   time.Now().Add(-backdate),
		NotAfter:                    time.Now().Add(authorityLifetime),
		IsCA:                        true,
		BasicConstraintsValid:       true,
		MaxPathLenZero:              true,
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         awsDomains,
		ExcludedIPRanges:            everyAddress,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return assemble(certificate, key), nil
}

func assemble(certificate *x509.Certificate, key *ecdsa.PrivateKey) *Authority {
	return &Authority{
		certificate: certificate,
		key:         key,
		bundle:      pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}),
		leaves:      map[string]*tls.Certificate{},
	}
}

func serialNumber() (*big.Int, error) {
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
}

func readAuthority(dir string) (*Authority, error) {
	pair, err := tls.LoadX509KeyPair(BundlePath(dir), keyPath(dir))
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA || len(pair.Leaf.ExcludedIPRanges) != len(everyAddress) {
		return nil, errors.New("not an authority of ours")
	}
	return assemble(pair.Leaf, key), nil
}

// write replaces the key before the certificate: if it is interrupted in between,
// the pair does not match, and the next reader creates a new one.
func (a *Authority) write(dir string) error {
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return err
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := replaceFile(keyPath(dir), key); err != nil {
		return err
	}
	return replaceFile(BundlePath(dir), a.bundle)
}

// replaceFile writes a file that only its owner can read.
func replaceFile(path string, content []byte) error {
	temporary := path + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
