package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/config"
)

// healthLimit is how long serve may take to answer.
const healthLimit = 5 * time.Second

func (a *app) healthcheckCommand() *cobra.Command {
	address := config.Default().Serve.Listen
	var ready, secure bool
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running serve whether it is well, for containers and scripts",
		Long: `healthcheck asks GET /healthz of a serve on this machine, or with --ready GET /readyz, and ends with exit code 0 where
the answer is good. An image that holds nothing but this program has no other way to ask.`,
		Example: `  partnerplus healthcheck
  partnerplus healthcheck --ready --address 127.0.0.1:8080`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path := "/healthz"
			if ready {
				path = "/readyz"
			}
			target := url.URL{Scheme: "http", Host: address, Path: path}
			if secure {
				target.Scheme = "https"
			}
			text, err := askHealth(cmd.Context(), target)
			if err == nil {
				_, err = fmt.Fprintln(a.out, text)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&address, "address", address, "where serve listens")
	cmd.Flags().BoolVar(&secure, "tls", false, "whether serve speaks HTTPS; its certificate is not checked, and nothing secret is sent")
	cmd.Flags().BoolVar(&ready, "ready", false, "whether the warehouse answers too")
	return cmd
}

// askHealth gives the answer's text, or an error where it is not good.
func askHealth(ctx context.Context, target url.URL) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, healthLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return "", &usageError{fmt.Errorf("--address: %w", err)}
	}
	client := http.Client{Transport: &http.Transport{ // it is this machine: no proxy, and a certificate that names another
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	response, err := client.Do(request)
	if err != nil {
		return "", fmt.Errorf("serve does not answer: %w; is it running, and is --address what it listens on?", err)
	}
	defer func() { _ = response.Body.Close() }()
	const most = 1 << 10
	body, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil {
		return "", fmt.Errorf("read the answer of %s: %w", &target, err)
	}
	text := strings.TrimSpace(string(body))
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s: %s", &target, response.Status, text)
	}
	return text, nil
}
