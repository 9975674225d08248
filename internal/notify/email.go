package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	mail "github.com/wneessen/go-mail"

	"github.com/partnerplus/warehouse/internal/config"
)

// email sends messages by SMTP, one connection each.
type email struct {
	spec  config.Email
	roots *x509.CertPool
}

func (e *email) send(ctx context.Context, m Message) error {
	letter, err := e.letter(m)
	if err != nil {
		return &refusedError{"the mail cannot be written: " + err.Error()}
	}
	client, done, err := e.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	err = client.DialAndSendWithContext(ctx, letter)
	// A server that said no for good says it again. One that took the mail and then hung up has taken it.
	if said := new(mail.SendError); errors.As(err, &said) && said.ErrorCode() >= 500 {
		return &refusedError{err.Error()}
	} else if letter.IsDelivered() {
		return nil
	}
	return err
}

// letter writes the message as a mail. Its Message-ID is the same each time that it is sent.
func (e *email) letter(m Message) (*mail.Msg, error) {
	letter := mail.NewMsg()
	if err := letter.From(e.spec.From); err != nil {
		return nil, err
	}
	if err := letter.To(e.spec.To...); err != nil {
		return nil, err
	}
	sender := letter.GetFrom()[0].Address
	letter.Subject(m.Subject)
	letter.SetDate()
	letter.SetMessageIDWithValue(m.ID + sender[strings.LastIndexByte(sender, '@'):])
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // no answer by a machine
	letter.SetGenHeader("X-Partnerplus-Key", m.Key)
	letter.SetBodyString(mail.TypeTextPlain, m.Body+"\n")
	if m.html != "" {
		letter.AddAlternativeString(mail.TypeTextHTML, m.html)
	}
	return letter, nil
}

// client gives a client for one connection, which ends with ctx, and what frees it.
func (e *email) client(ctx context.Context) (client *mail.Client, done func(), err error) {
	host, port := e.spec.Address()
	secure := &tls.Config{ServerName: host, RootCAs: e.roots, MinVersion: tls.VersionTLS12}
	stop := func() bool { return true }
	dial := func(within context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(within, network, address)
		if err != nil {
			return nil, err
		}
		// The library bounds the dial alone: a server that accepts and says nothing would be waited for without end.
		stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
		if e.spec.TLS != "tls" {
			return conn, nil
		}
		encrypted := tls.Client(conn, secure)
		if err := encrypted.HandshakeContext(within); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return encrypted, nil
	}
	policy := map[string]mail.TLSPolicy{
		"starttls": mail.TLSMandatory,
		"tls":      mail.TLSOpportunistic, // of a connection that is encrypted already
		"none":     mail.NoTLS,
	}[e.spec.TLS]
	options := []mail.Option{
		mail.WithPort(port), mail.WithTimeout(attemptLasts), mail.WithTLSConfig(secure), mail.WithTLSPolicy(policy), mail.WithDialContextFunc(dial),
	}
	if e.spec.User != "" {
		auth := mail.SMTPAuthAutoDiscover
		if e.spec.TLS == "none" {
			auth = mail.SMTPAuthPlainNoEnc // the config allows it on this machine alone
		}
		options = append(options, mail.WithSMTPAuth(auth), mail.WithUsername(e.spec.User), mail.WithPassword(e.spec.Password))
	}
	if client, err = mail.NewClient(host, options...); err != nil {
		return nil, nil, &refusedError{fmt.Sprintf("the mail server %s: %v", host, err)}
	}
	return client, func() { stop() }, nil
}

// reach connects, logs in and says NOOP.
func (e *email) reach(ctx context.Context) error {
	client, done, err := e.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	return errors.Join(conn.Noop(), client.CloseWithSMTPClient(conn))
}
