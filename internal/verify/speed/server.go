// Command speed is the far side of measurements: TLS on 443, 5671 and 8883 of one address,
// with a certificate that every name below its zone is good for, and a DNS server that
// knows them all. Names that begin with dead have the address of nobody. It is meant for a
// network namespace of its own; bench.sh starts it there.
//
//	speed ROOTS.PEM [ADDRESS [TRIP]]
//
// TRIP is for how long it holds back what comes, as a way of so long there and back would;
// TCP's own handshake is the kernel's, and is not delayed.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Where everything is. Dead has to be an address whose packets are lost beyond this host.
const (
	zone = "hubs.example"
	dead = "198.18.9.9"
)

func main() {
	at, trip := "127.0.0.1", time.Duration(0)
	if len(os.Args) > 2 {
		at = os.Args[2]
	}
	var err error
	if len(os.Args) > 3 {
		trip, err = time.ParseDuration(os.Args[3])
	}
	if err == nil {
		err = serve(os.Args[1], at, trip)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1)
	}
}

// serve runs until it is ended; the roots stand in file before it says that it is ready.
func serve(file, here string, trip time.Duration) error {
	cert, root, err := chain()
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, root, 0o600); err != nil {
		return err
	}
	for _, port := range []string{"443", "5671", "8883"} {
		l, err := net.Listen("tcp", net.JoinHostPort(here, port))
		if err != nil {
			return err
		}
		go accept(tls.NewListener(far{l, trip}, &tls.Config{Certificates: []tls.Certificate{cert},
			MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}))
	}
	pc, err := net.ListenPacket("udp", net.JoinHostPort(here, "53"))
	if err != nil {
		return err
	}
	fmt.Println("ready")
	return (&dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		time.Sleep(trip)
		answer(w, q, here)
	})}).ActivateAndServe()
}

// far is a listener whose connections hold back what comes.
type far struct {
	net.Listener
	trip time.Duration
}

func (l far) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return late{c, l.trip}, err
}

type late struct {
	net.Conn
	trip time.Duration
}

func (c late) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	time.Sleep(c.trip)
	return n, err
}

// accept shakes hands, answers a request as a hub does, and waits for the other side to go.
func accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			buf := make([]byte, 4096)
			for {
				if _, err := c.Read(buf); err != nil {
					break
				}
				_, _ = io.WriteString(c, "HTTP/1.1 401 Unauthorized\r\niothub-errorcode: Unauthorized\r\n"+
					"Content-Length: 0\r\n\r\n") // who does not read it asked for nothing
			}
			_ = c.Close()
		}()
	}
}

func answer(w dns.ResponseWriter, q *dns.Msg, here string) {
	m := new(dns.Msg)
	m.SetReply(q)
	name := q.Question[0].Name
	if q.Question[0].Qtype == dns.TypeA {
		ip := here
		if strings.HasPrefix(name, "dead") {
			ip = dead
		}
		m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60},
			A: net.ParseIP(ip)}}
	}
	_ = w.WriteMsg(m) // who asked asks again
}

// chain is a leaf, an authority between, and a root, as a hub's chain has them.
func chain() (cert tls.Certificate, rootPEM []byte, err error) {
	var parent *x509.Certificate
	var by *ecdsa.PrivateKey
	for i, name := range []string{"Speed Root", "Speed Issuing CA", "*." + zone} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return cert, nil, err
		}
		t := &x509.Certificate{SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: i < 2,
			BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
		if i == 2 {
			t.DNSNames, t.ExtKeyUsage = []string{name}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}
		signer, issuer := key, t
		if parent != nil {
			signer, issuer = by, parent
		}
		raw, err := x509.CreateCertificate(rand.Reader, t, issuer, key.Public(), signer)
		if err != nil {
			return cert, nil, err
		}
		if parent, err = x509.ParseCertificate(raw); err != nil {
			return cert, nil, err
		}
		by = key
		switch i {
		case 0:
			rootPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
		default:
			cert.Certificate = append([][]byte{raw}, cert.Certificate...)
		}
	}
	cert.PrivateKey = by
	return cert, rootPEM, nil
}
