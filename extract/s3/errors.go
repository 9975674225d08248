package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/offer"
)

type errNoPrefix struct{ bucket, prefix string }

func (e errNoPrefix) Error() string {
	return fmt.Sprintf("bucket %s has nothing below %s", e.bucket, e.prefix)
}

func (s *Source) fail(op, unit string, err error) error {
	return &extract.Error{Source: s.name, Unit: unit, Op: op, Hint: s.hint(err), Err: plain(err)}
}

// plain shortens what the SDK says to the server's own words, which hold no request details. Any other error stays.
func plain(err error) error {
	var answer smithy.APIError
	var response *awshttp.ResponseError
	var request *url.Error
	var manifest *offer.ManifestError
	switch {
	case errors.As(err, &manifest):
		return err // it names the manifest; what it is about is short already
	case errors.As(err, &request):
		return extract.Reword(err, request.Err.Error()) // there was no answer
	case errors.As(err, &answer) && answer.ErrorMessage() != "":
		return extract.Reword(err, answer.ErrorCode()+": "+answer.ErrorMessage())
	case errors.As(err, &answer):
		return extract.Reword(err, answer.ErrorCode())
	case errors.As(err, &response):
		return extract.Reword(err, fmt.Sprintf("the server answers %d", response.HTTPStatusCode()))
	}
	return err
}

func (s *Source) hint(err error) string {
	var manifest *offer.ManifestError
	var api smithy.APIError
	if errors.As(err, &manifest) && (errors.As(err, &api) || errors.Is(err, context.Canceled)) {
		return "" // the error has the hint already
	}
	var noPrefix errNoPrefix
	if errors.As(err, &noPrefix) {
		return "check s3.prefix"
	}
	var badCursor cursorError
	if errors.As(err, &badCursor) {
		return "start anew with a whole listing: --full"
	}
	var profile config.SharedConfigProfileNotExistError
	if errors.As(err, &profile) {
		return "check s3.profile"
	}
	if service(err) == sts.ServiceID {
		return "check s3.assume_role: the role must trust these credentials, and may demand an external_id"
	}
	if hint := s.refusalHint(err); hint != "" {
		return hint
	}
	var network net.Error
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ""
	case s.spec.AccessKeyID == "" && strings.Contains(err.Error(), "credentials"): // the SDK has no type for it
		return "set s3.access_key_id and s3.secret_access_key, or give this machine credentials"
	case errors.As(err, &dns) && !s.spec.PathStyle && s.spec.Endpoint != "":
		return "check s3.endpoint; most servers other than AWS need s3.path_style"
	case errors.As(err, &network):
		return "check s3.endpoint, and that it can be reached from here"
	}
	return offer.Hint(err, "s3")
}

// refusalHint is what the tables say about an answer, in the words of this source where it knows more.
func (s *Source) refusalHint(err error) string {
	rule := ruleOf(err)
	var answer smithy.APIError
	if rule.Verdict == extract.Changed || !errors.As(err, &answer) {
		return ""
	}
	switch answer.ErrorCode() {
	case "NoSuchBucket":
		return fmt.Sprintf("check s3.bucket, %q, and s3.endpoint", s.spec.Bucket)
	case "AccessDenied", "Forbidden", "AllAccessDisabled":
		return s.deniedHint(answer.ErrorMessage())
	case "NotImplemented":
		if s.spec.Versions == versionsAll {
			return codes["VersioningNotConfigured"].Why
		}
	case "InvalidRequest", "InvalidArgument":
		return s.encryptedHint(answer.ErrorMessage())
	}
	return rule.Why
}

// deniedHint tells a right that is missing on the key of KMS from one on the bucket.
func (s *Source) deniedHint(message string) string {
	hint := codes["AccessDenied"].Why
	switch {
	case strings.Contains(strings.ToLower(message), "kms"):
		return "the key needs the right kms:Decrypt on the KMS key that the object is encrypted with"
	case s.spec.ExpectedOwner != "":
		hint += ", and that the bucket is of s3.expected_owner"
	}
	if !s.spec.RequesterPays {
		hint += "; if its requesters pay, set s3.requester_pays"
	}
	return hint
}

func (s *Source) encryptedHint(message string) string {
	message = strings.ToLower(message)
	switch {
	case strings.Contains(message, "secure connection"), strings.Contains(message, "signature version"):
		return "an object encrypted with KMS is only sent over https; check s3.endpoint"
	case strings.Contains(message, "encrypt"):
		return "the object is encrypted with a key of its owner; set s3.sse_customer_key"
	}
	return ""
}

// service is the one whose answer the error is.
func service(err error) (id string) {
	for err != nil {
		var operation *smithy.OperationError
		if !errors.As(err, &operation) {
			break
		}
		id, err = operation.Service(), operation.Err
	}
	return id
}

// status is the HTTP status of an answer that refused, 0 for any other error.
func status(err error) int {
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// changed tells an object that is not the listed one any more from other failures.
func changed(err error) error {
	switch rule := ruleOf(err); {
	case rule.Verdict != extract.Changed:
		return err
	case status(err) == http.StatusPreconditionFailed:
		return extract.ErrChanged
	}
	return fmt.Errorf("%w: the object is gone", extract.ErrChanged)
}
