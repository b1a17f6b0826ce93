package proxy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAuthorityIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := OpenAuthority(dir)
	require.NoError(t, err)
	second, err := OpenAuthority(dir)
	require.NoError(t, err)
	assert.True(t, first.certificate.Equal(second.certificate), "a shell that trusts the first trusts the second")
	info, err := os.Stat(keyPath(dir))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "only the owner can read the key")
}

func TestDamagedAuthorityIsReplaced(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(dir string) error{
		"no key":        func(dir string) error { return os.Remove(keyPath(dir)) },
		"broken bundle": func(dir string) error { return os.WriteFile(BundlePath(dir), []byte("x"), 0o644) },
		"another's key": func(dir string) error {
			other := filepath.Join(dir, "other")
			if err := os.Mkdir(other, 0o755); err != nil {
				return err
			}
			if _, err := OpenAuthority(other); err != nil {
				return err
			}
			return os.Rename(keyPath(other), keyPath(dir))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			first, err := OpenAuthority(dir)
			require.NoError(t, err)
			require.NoError(t, damage(dir))
			second, err := OpenAuthority(dir)
			require.NoError(t, err)
			assert.False(t, first.certificate.Equal(second.certificate))
			_, err = second.Certificate("s3.amazonaws.com")
			assert.NoError(t, err)
		})
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	authority, err := OpenAuthority(t.TempDir())
	require.NoError(t, err)
	const host = "bucket.s3.us-west-2.amazonaws.com"
	leaf, err := authority.Certificate(host)
	require.NoError(t, err)
	_, err = leaf.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: authority.Pool()})
	require.NoError(t, err)
	again, err := authority.Certificate(host)
	require.NoError(t, err)
	assert.Same(t, leaf, again, "certificates are made once")
	_, err = authority.Certificate("example.com")
	assert.ErrorContains(t, err, "not a host name of AWS")
}

// Even a stolen key can't impersonate another site.
func TestAuthorityIsConstrainedToAWS(t *testing.T) {
	t.Parallel()
	authority, err := OpenAuthority(t.TempDir())
	require.NoError(t, err)
	forged, err := authority.issue("example.com")
	require.NoError(t, err)
	_, err = forged.Leaf.Verify(x509.VerifyOptions{DNSName: "example.com", Roots: authority.Pool()})
	var invalid x509.CertificateInvalidError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, x509.CANotAuthorizedForThisName, invalid.Reason)
	assert.IsType(t, &ecdsa.PrivateKey{}, forged.PrivateKey)
}

// Nor a site without a name.
func TestAuthorityIsConstrainedToNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	authority, err := OpenAuthority(dir)
	require.NoError(t, err)
	for _, address := range []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(203, 0, 113, 1), net.ParseIP("2001:db8::1")} {
		leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
			SerialNumber: big.NewInt(1), NotBefore: authority.certificate.NotBefore, NotAfter: authority.certificate.NotAfter, IPAddresses: []net.IP{address},
		}, authority.certificate, &leafKey.PublicKey, authority.key)
		require.NoError(t, err)
		leaf, err := x509.ParseCertificate(der)
		require.NoError(t, err)
		_, err = leaf.Verify(x509.VerifyOptions{DNSName: address.String(), Roots: authority.Pool()})
		assert.Error(t, err, address)
	}
	bundle, err := os.Stat(BundlePath(dir))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), bundle.Mode().Perm())
}
