package s3

import (
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/partnerplus/warehouse/extract"
)

// codes sorts the error codes of S3, of servers that speak its protocol, and of STS. One that is not here goes by its status.
var codes = map[string]extract.Rule{
	"Busy":                    {Verdict: extract.Retry, Why: "the server has too much to do"},
	"InternalError":           {Verdict: extract.Retry, Why: "the server is in trouble; ask its owner if it stays so"},
	"OperationAborted":        {Verdict: extract.Retry, Why: "somebody changes the bucket right now"},
	"RequestLimitExceeded":    {Verdict: extract.Retry, Why: "the server is asked too often; lower parallel if it stays so"},
	"RequestTimeout":          {Verdict: extract.Retry, Why: "the server did not get the request in time"},
	"RequestTimeoutException": {Verdict: extract.Retry, Why: "the server did not get the request in time"},
	"ServiceUnavailable":      {Verdict: extract.Retry, Why: "the server is busy, or being serviced"},
	"SlowDown":                {Verdict: extract.Retry, Why: "the server is asked too often; lower parallel if it stays so"},
	"Throttling":              {Verdict: extract.Retry, Why: "the server is asked too often; lower parallel if it stays so"},
	"ThrottlingException":     {Verdict: extract.Retry, Why: "the server is asked too often; lower parallel if it stays so"},
	"TooManyRequests":         {Verdict: extract.Retry, Why: "the server is asked too often; lower parallel if it stays so"},

	"NoSuchKey":          {Verdict: extract.Changed, Why: "the object is gone since it was listed"},
	"NoSuchVersion":      {Verdict: extract.Changed, Why: "the version is gone since it was listed"},
	"PreconditionFailed": {Verdict: extract.Changed, Why: "the object is another one than was listed"},

	"AccessDenied":                       {Verdict: extract.Ask, Why: "the key may not list or read this bucket; check its rights"},
	"AccountProblem":                     {Verdict: extract.Ask, Why: "the account is closed or not paid for; ask its owner"},
	"AllAccessDisabled":                  {Verdict: extract.Ask, Why: "the key may not list or read this bucket; check its rights"},
	"AuthorizationHeaderMalformed":       {Verdict: extract.Ask, Why: "check s3.region, and s3.path_style"},
	"ExpiredToken":                       {Verdict: extract.Ask, Why: "the credentials have expired; get new ones, or let s3.profile or s3.assume_role get them"},
	"ExpiredTokenException":              {Verdict: extract.Ask, Why: "the credentials have expired; get new ones, or let s3.profile or s3.assume_role get them"},
	"Forbidden":                          {Verdict: extract.Ask, Why: "the key may not list or read this bucket; check its rights"},
	"IllegalLocationConstraintException": {Verdict: extract.Ask, Why: "check s3.region, and s3.path_style"},
	"InvalidAccessKeyId":                 {Verdict: extract.Ask, Why: "check s3.access_key_id and s3.secret_access_key"},
	"InvalidArgument":                    {Verdict: extract.Ask, Why: "the server's message says what it does not take"},
	"InvalidBucketName":                  {Verdict: extract.Ask, Why: "check s3.bucket"},
	"InvalidObjectState":                 {Verdict: extract.Ask, Why: "the object is archived; have it restored, or leave it out with s3.exclude"},
	"InvalidRequest":                     {Verdict: extract.Ask, Why: "the server's message says what it does not take"},
	"InvalidToken":                       {Verdict: extract.Ask, Why: "check s3.access_key_id and s3.secret_access_key"},
	"KMS.DisabledException":              {Verdict: extract.Ask, Why: "the KMS key of the object cannot be used; ask its owner"},
	"KMS.InvalidKeyUsageException":       {Verdict: extract.Ask, Why: "the KMS key of the object cannot be used; ask its owner"},
	"KMS.KMSInvalidStateException":       {Verdict: extract.Ask, Why: "the KMS key of the object cannot be used; ask its owner"},
	"KMS.NotFoundException":              {Verdict: extract.Ask, Why: "the KMS key of the object cannot be used; ask its owner"},
	"NoSuchBucket":                       {Verdict: extract.Ask, Why: "check s3.bucket and s3.endpoint"},
	"NotImplemented":                     {Verdict: extract.Ask, Why: "the server cannot do this; s3.versions and s3.resume ask the most of it"},
	"NotSignedUp":                        {Verdict: extract.Ask, Why: "the account is not signed up for S3; ask its owner"},
	"PermanentRedirect":                  {Verdict: extract.Ask, Why: "check s3.region, and s3.path_style"},
	"RequestTimeTooSkewed":               {Verdict: extract.Ask, Why: "set this machine's clock"},
	"SignatureDoesNotMatch":              {Verdict: extract.Ask, Why: "check s3.access_key_id and s3.secret_access_key"},
	"VersioningNotConfigured":            {Verdict: extract.Ask, Why: "this server keeps no versions; drop s3.versions"},
	"XAdminUserNotFound":                 {Verdict: extract.Ask, Why: "check s3.access_key_id and s3.secret_access_key"},
}

// statuses sorts answers whose code is not known.
var statuses = map[int]extract.Rule{
	http.StatusRequestTimeout:      {Verdict: extract.Retry, Why: "the server did not get the request in time"},
	http.StatusTooManyRequests:     {Verdict: extract.Retry, Why: "the server is asked too often; lower parallel if it stays so"},
	http.StatusInternalServerError: {Verdict: extract.Retry, Why: "the server is in trouble; ask its owner if it stays so"},
	http.StatusBadGateway:          {Verdict: extract.Retry, Why: "the server behind the gateway is on its way back"},
	http.StatusServiceUnavailable:  {Verdict: extract.Retry, Why: "the server is busy, or being serviced"},
	http.StatusGatewayTimeout:      {Verdict: extract.Retry, Why: "the server is too slow for its gateway"},
	http.StatusNotFound:            {Verdict: extract.Changed, Why: "the object is gone since it was listed"},
	http.StatusPreconditionFailed:  {Verdict: extract.Changed, Why: "the object is another one than was listed"},
}

// ruleOf says what to do about an answer that refused; nothing where err is no answer.
func ruleOf(err error) extract.Rule {
	var answer smithy.APIError
	if errors.As(err, &answer) {
		if rule, known := codes[answer.ErrorCode()]; known {
			return rule
		}
	}
	return statuses[status(err)]
}

// retryer is the SDK's, which knows a broken connection and a clock that it can allow for, with the tables before it.
func (s *Source) retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = s.options.Attempts
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return s.options.Backoff(attempt), nil
		})
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			switch ruleOf(err).Verdict {
			case extract.Retry:
				return aws.TrueTernary
			case extract.Ask, extract.Changed:
				return aws.FalseTernary
			}
			return aws.UnknownTernary
		}))
	})
}
