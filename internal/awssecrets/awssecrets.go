// Package awssecrets gets secrets from AWS Secrets Manager by their ARNs, with the credentials that AWS's own chain
// finds: environment, profile, the machine's role.
//
// It must not know what the secrets are for.
package awssecrets

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
)

const (
	// attempts is how often a secret is asked for in all.
	attempts = 4
	// requestTimeout bounds one attempt, and timeout all of them.
	requestTimeout = 10 * time.Second
	timeout        = 45 * time.Second
	maxBackoff     = 5 * time.Second
)

// arnPattern is that of a secret, its region in parentheses. The name may lack the six characters that AWS adds to it.
var arnPattern = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):[0-9]{12}:secret:[\w/+=.@-]+$`)

// Store is Secrets Manager. It connects with the first secret that it is asked for.
type Store struct {
	options []func(*secretsmanager.Options)

	mu      sync.Mutex
	clients map[string]*secretsmanager.Client // by region
}

// New gives the store. Options change its clients.
func New(options ...func(*secretsmanager.Options)) *Store {
	return &Store{options: options, clients: map[string]*secretsmanager.Client{}}
}

// Secret gives the text of a secret, in its current version. Its error holds nothing of it.
func (s *Store) Secret(ctx context.Context, arn string) (string, error) {
	m := arnPattern.FindStringSubmatch(arn)
	if m == nil {
		return "", errors.New("it is no ARN of a secret, such as arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme-AbCdEf")
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	client, err := s.client(ctx, m[1])
	if err != nil {
		return "", fmt.Errorf("AWS's settings: %w", err)
	}
	answer, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil {
		return "", explain(err)
	}
	if answer.SecretString != nil {
		return *answer.SecretString, nil
	}
	return string(answer.SecretBinary), nil
}

func (s *Store) client(ctx context.Context, region string) (*secretsmanager.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if client := s.clients[region]; client != nil {
		return client, nil
	}
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithRegion(region), // wherever this machine is
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(requestTimeout).WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = requestTimeout
		})),
		config.WithLogger(logging.Nop{}),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = attempts, maxBackoff })
		}))
	if err != nil {
		return nil, err
	}
	client := secretsmanager.NewFromConfig(cfg, s.options...)
	s.clients[region] = client
	return client, nil
}

// explain says what an error means, and what to do.
func explain(err error) error {
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		return fmt.Errorf("AWS Secrets Manager: %w (check this machine's AWS credentials, and that AWS can be reached from here)", err)
	}
	hint := ""
	switch refused.ErrorCode() {
	case "ResourceNotFoundException":
		hint = " (check the ARN, its region and its account)"
	case "AccessDeniedException":
		hint = " (grant this machine's role secretsmanager:GetSecretValue on it, and kms:Decrypt if it has a key of its own)"
	case "DecryptionFailure":
		hint = " (grant this machine's role kms:Decrypt on the secret's key)"
	case "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException":
		hint = " (check this machine's AWS credentials and its clock)"
	}
	return fmt.Errorf("AWS Secrets Manager answers %s: %s%s", refused.ErrorCode(), refused.ErrorMessage(), hint)
}
