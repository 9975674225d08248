package extracttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// startTimeout is how long the server may take to answer.
const startTimeout = 30 * time.Second

// EnvS3 names the environment variable with the address of a server whose buckets the tests may empty, such as
// http://access-key:secret-key@host:9000 (test/docker starts MinIO); without it, each test has a versitygw of its own.
const EnvS3 = "PARTNERPLUS_TEST_S3"

// Server is a real S3 server.
type Server struct {
	Endpoint  string
	AccessKey string
	SecretKey string

	client *s3.Client
}

// Start starts a server without a bucket, for the length of a test, or gives the one of EnvS3.
func Start(t testing.TB) *Server {
	t.Helper()
	if address := os.Getenv(EnvS3); address != "" {
		s, err := at(address)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s, stop, err := Serve(t.Context(), t.TempDir(), t.TempDir())
	if err != nil {
		t.Fatalf("the S3 server for tests: %v", err)
	}
	t.Cleanup(stop)
	return s
}

// Serve starts a server without a bucket that keeps objects in a folder, and their versions in another. What it returns ends
// it. The binary is that of the environment variable VERSITYGW, else bin/versitygw of the repository, which is built if it
// is missing.
func Serve(ctx context.Context, root, versions string) (s *Server, stop func(), err error) {
	binary, err := versitygw()
	if err != nil {
		return nil, nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, nil, err
	}
	s = &Server{Endpoint: "http://" + address, AccessKey: "test-access-key", SecretKey: "test-secret-key-53c4e7"}
	var output bytes.Buffer
	server := exec.Command(binary, "--port", address, "--quiet", "posix", "--versioning-dir", versions, root) //nolint:noctx // ends when it is stopped
	server.Dir = root
	server.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s.AccessKey, "ROOT_SECRET_KEY="+s.SecretKey)
	server.Stdout, server.Stderr = &output, &output
	if err := server.Start(); err != nil {
		return nil, nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	stop = func() {
		_ = server.Process.Kill() // it may have ended
		<-ended
	}
	s.connect()
	if err := s.await(ctx, ended); err != nil {
		stop()
		return nil, nil, fmt.Errorf("it did not start: %w\n%s", err, output.String())
	}
	return s, stop, nil
}

// at is the server at an address with its keys.
func at(address string) (*Server, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.User == nil {
		return nil, fmt.Errorf("%s is not an address like http://access-key:secret-key@host:9000", EnvS3)
	}
	secret, _ := parsed.User.Password()
	s := &Server{Endpoint: parsed.Scheme + "://" + parsed.Host, AccessKey: parsed.User.Username(), SecretKey: secret}
	s.connect()
	return s, nil
}

func (s *Server) connect() {
	s.client = s3.New(s3.Options{
		BaseEndpoint: aws.String(s.Endpoint),
		UsePathStyle: true,
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider(s.AccessKey, s.SecretKey, ""),
	})
}

// Client speaks to the server.
func (s *Server) Client() *s3.Client { return s.client }

// await waits until the server answers.
func (s *Server) await(ctx context.Context, ended chan error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			return response.Body.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case e := <-ended:
			ended <- e
			return errors.Join(e, err)
		case <-poll.C:
		}
	}
}

// held are the buckets of a shared server that tests of this process use: those of one name take turns.
var held struct {
	sync.Mutex
	buckets map[string]*sync.Mutex
}

// CreateBucket makes an empty bucket.
func (s *Server) CreateBucket(t testing.TB, bucket string) {
	t.Helper()
	if os.Getenv(EnvS3) != "" {
		hold(t, bucket)
		t.Cleanup(func() { s.remove(t, bucket) })
	}
	if _, err := s.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
}

func hold(t testing.TB, bucket string) {
	held.Lock()
	if held.buckets == nil {
		held.buckets = map[string]*sync.Mutex{}
	}
	if held.buckets[bucket] == nil {
		held.buckets[bucket] = new(sync.Mutex)
	}
	mine := held.buckets[bucket]
	held.Unlock()
	mine.Lock()
	t.Cleanup(mine.Unlock)
}

// remove removes a bucket with all versions of all objects.
func (s *Server) remove(t testing.TB, bucket string) {
	ctx := context.WithoutCancel(t.Context()) // which ends before what cleans up
	for first := ""; ; {
		page, err := s.client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &bucket})
		if err != nil {
			t.Errorf("list the bucket %s: %v", bucket, err)
			return
		}
		var all []types.ObjectIdentifier
		for _, v := range page.Versions {
			all = append(all, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			all = append(all, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(all) == 0 || *all[0].Key+*all[0].VersionId == first { // what does not go is for DeleteBucket to say
			break
		}
		first = *all[0].Key + *all[0].VersionId
		for _, object := range all {
			if _, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: object.Key, VersionId: object.VersionId}); err != nil {
				t.Errorf("remove %s of the bucket %s: %v", *object.Key, bucket, err)
				return
			}
		}
	}
	if _, err := s.client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket}); err != nil {
		t.Errorf("remove the bucket %s: %v", bucket, err)
	}
}

// KeepVersions makes the bucket keep every version of its objects.
func (s *Server) KeepVersions(t testing.TB, bucket string) {
	t.Helper()
	in := &s3.PutBucketVersioningInput{
		Bucket:                  &bucket,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	}
	if _, err := s.client.PutBucketVersioning(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// Put writes an object, or replaces it.
func (s *Server) Put(t testing.TB, bucket, key string, body []byte) {
	t.Helper()
	in := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)}
	if _, err := s.client.PutObject(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// Delete removes an object.
func (s *Server) Delete(t testing.TB, bucket, key string) {
	t.Helper()
	if _, err := s.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key}); err != nil {
		t.Fatal(err)
	}
}

// versitygw finds the binary, or builds it.
var versitygw = sync.OnceValues(func() (string, error) {
	if binary := os.Getenv("VERSITYGW"); binary != "" {
		return binary, nil
	}
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..")
	binary := filepath.Join(root, "bin", "versitygw")
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	build := exec.Command("go", "build", "-modfile=test/tools/go.mod", "-o", binary,
		"github.com/versity/versitygw/cmd/versitygw")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build versitygw: %w\n%s", err, output)
	}
	return binary, nil
})

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
