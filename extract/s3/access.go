package s3

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/wire"
)

const (
	// defaultRegion serves where neither the spec nor the environment has one; servers other than AWS take any.
	defaultRegion = "us-east-1"
	// defaultSession is how the logs of a role's owner call us.
	defaultSession = "partnerplus"
)

// connect makes the client. It sends nothing.
func (s *Source) connect(ctx context.Context) error {
	s.http = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { wire.Bound(t, s.options.Idle) })
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(s.http),
		config.WithLogger(logging.Nop{}),
		config.WithRetryer(s.retryer),
		config.WithRequestChecksumCalculation(aws.RequestChecksumCalculationWhenRequired),
		config.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired),
		config.WithDefaultRegion(defaultRegion),
	}
	if s.spec.Region != "" {
		load = append(load, config.WithRegion(s.spec.Region))
	}
	if s.spec.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(s.spec.Profile))
	}
	if s.spec.AccessKeyID != "" {
		load = append(load, config.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider(s.spec.AccessKeyID, s.spec.SecretAccessKey, "")))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return err
	}
	if s.spec.AssumeRole != nil {
		cfg.Credentials = aws.NewCredentialsCache(s.role(cfg, *s.spec.AssumeRole), func(o *aws.CredentialsCacheOptions) {
			o.ExpiryWindow = time.Minute // what a request may take until the server looks at its signature
		})
	}
	s.client = s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = s.spec.PathStyle
		o.HTTPClient = wire.Guard{Next: cfg.HTTPClient, Idle: s.options.Idle}
		if s.spec.Endpoint != "" {
			o.BaseEndpoint = aws.String(s.spec.Endpoint)
		}
	})
	return nil
}

// role takes the role on with the credentials of the config.
func (s *Source) role(cfg aws.Config, spec extract.RoleSpec) aws.CredentialsProvider {
	client := sts.NewFromConfig(cfg, func(o *sts.Options) {
		o.HTTPClient = wire.Guard{Next: cfg.HTTPClient, Idle: s.options.Idle}
		if spec.Endpoint != "" {
			o.BaseEndpoint = aws.String(spec.Endpoint)
		}
	})
	return stscreds.NewAssumeRoleProvider(client, spec.RoleARN, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = defaultSession
		if spec.SessionName != "" {
			o.RoleSessionName = spec.SessionName
		}
		if spec.ExternalID != "" {
			o.ExternalID = aws.String(spec.ExternalID)
		}
		if spec.Duration != 0 {
			o.Duration = spec.Duration
		}
	})
}

// payer says who pays, in every request.
func (s *Source) payer() types.RequestPayer {
	if s.spec.RequesterPays {
		return types.RequestPayerRequester
	}
	return ""
}

// owner says whose bucket it must be, in every request.
func (s *Source) owner() *string { return given(s.spec.ExpectedOwner) }

func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// decrypted adds to a request for an object the key that it is encrypted with.
func (s *Source) decrypted(in *s3.GetObjectInput) *s3.GetObjectInput {
	if s.spec.SSECustomerKey == "" {
		return in
	}
	key, _ := base64.StdEncoding.DecodeString(s.spec.SSECustomerKey) // valid, as the spec is
	sum := md5.Sum(key)
	in.SSECustomerAlgorithm = aws.String(string(types.ServerSideEncryptionAes256))
	in.SSECustomerKey = aws.String(s.spec.SSECustomerKey)
	in.SSECustomerKeyMD5 = aws.String(base64.StdEncoding.EncodeToString(sum[:]))
	return in
}
