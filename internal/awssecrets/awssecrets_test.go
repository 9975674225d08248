package awssecrets_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/partnerplus/warehouse/internal/awssecrets"
)

const (
	accessKey = "AKIATESTTESTTESTTEST"
	secretKey = "signing-key-53c4e7"
)

// manager answers as Secrets Manager does: JSON 1.1 over POST, with signed requests.
type manager struct {
	t     *testing.T
	asked atomic.Int32
	busy  int32 // how many requests are turned away at first
}

func (m *manager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := m.asked.Add(1)
	fail := func(status int, code, message string) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Header().Set("X-Amzn-Requestid", "7")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"__type":%q,"message":%q}`, code, message)
	}
	authorization := r.Header.Get("Authorization")
	switch {
	case r.Method != http.MethodPost, r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue", r.Header.Get("Content-Type") != "application/x-amz-json-1.1":
		m.t.Errorf("%s %s as %s", r.Method, r.Header.Get("X-Amz-Target"), r.Header.Get("Content-Type"))
	case !strings.HasPrefix(authorization, "AWS4-HMAC-SHA256 Credential="+accessKey+"/") || !strings.Contains(authorization, "/eu-central-1/secretsmanager/aws4_request") ||
		!strings.Contains(authorization, "Signature=") || !strings.Contains(authorization, "x-amz-target"):
		m.t.Errorf("not signed for the secret's region: %s", authorization)
	}
	var in struct{ SecretId string } //nolint:revive // as AWS writes it
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		m.t.Error(err)
	}
	if n <= m.busy {
		fail(http.StatusBadRequest, "ThrottlingException", "Rate exceeded")
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	switch _, name, _ := strings.Cut(in.SecretId, ":secret:"); name {
	case "text-AbCdEf":
		_, _ = fmt.Fprintf(w, `{"ARN":%q,"Name":"text","SecretString":"{\"token\":\"hush\"}","VersionId":"v","VersionStages":["AWSCURRENT"],"CreatedDate":1.7e9}`, in.SecretId)
	case "team/binary":
		_, _ = fmt.Fprintf(w, `{"ARN":%q,"Name":"binary","SecretBinary":"aHVzaA=="}`, in.SecretId)
	case "denied":
		fail(http.StatusBadRequest, "AccessDeniedException", "User: arn:aws:iam::1:user/u is not authorized to perform: secretsmanager:GetSecretValue")
	case "broken":
		fail(http.StatusInternalServerError, "InternalServiceError", "An error occurred on the server side.")
	default:
		fail(http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	}
}

// atOnce lets no test wait for another attempt.
func atOnce(o *secretsmanager.Options) {
	o.Retryer = immediate{o.Retryer}
}

type immediate struct{ aws.Retryer }

func (immediate) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

func serve(t *testing.T, m *manager) *awssecrets.Store {
	t.Helper()
	m.t = t
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", accessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secretKey)
	t.Setenv("AWS_SESSION_TOKEN", "")
	t.Setenv("AWS_PROFILE", "")
	t.Setenv("AWS_REGION", "us-west-2") // that of the machine, not of the secrets
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	return awssecrets.New(atOnce)
}

func TestSecret(t *testing.T) {
	m := &manager{}
	store := serve(t, m)
	const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
	tests := []struct {
		arn, want, err string
		requests       int32
	}{
		{arn: arn + "text-AbCdEf", want: `{"token":"hush"}`, requests: 1},
		{arn: arn + "team/binary", want: "hush", requests: 1},
		{arn: arn + "none", err: "answers ResourceNotFoundException: Secrets Manager can't find the specified secret. (check the ARN", requests: 1},
		{arn: arn + "denied", err: "grant this machine's role secretsmanager:GetSecretValue", requests: 1},
		{arn: arn + "broken", err: "answers InternalServiceError", requests: 4},
		{arn: "arn:aws:s3:::bucket", err: "it is no ARN of a secret"},
		{arn: arn, err: "it is no ARN of a secret"},
	}
	for _, tt := range tests {
		m.asked.Store(0)
		got, err := store.Secret(t.Context(), tt.arn)
		if tt.err == "" && (err != nil || got != tt.want) {
			t.Errorf("%s: %q, %v", tt.arn, got, err)
		}
		if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: %v, want %q", tt.arn, err, tt.err)
		}
		if err != nil && (strings.Contains(err.Error(), secretKey) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%s: a secret is in the error: %v", tt.arn, err)
		}
		if n := m.asked.Load(); n != tt.requests {
			t.Errorf("%s: %d requests, want %d", tt.arn, n, tt.requests)
		}
	}
}

func TestSecretAfterThrottling(t *testing.T) {
	m := &manager{busy: 2}
	store := serve(t, m)
	got, err := store.Secret(t.Context(), "arn:aws:secretsmanager:eu-central-1:123456789012:secret:text-AbCdEf")
	if err != nil || got == "" || m.asked.Load() != 3 {
		t.Errorf("%q after %d requests, %v", got, m.asked.Load(), err)
	}
}

func TestSecretEndsWithTheContext(t *testing.T) {
	store := serve(t, &manager{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Secret(ctx, "arn:aws:secretsmanager:eu-central-1:123456789012:secret:text-AbCdEf"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
