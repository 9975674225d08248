package s3_test

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

func TestHeaders(t *testing.T) {
	t.Parallel()
	server := start(t)
	put(t, server, "in/1/a.csv", "in/1/_SUCCESS")
	server.Put(t, bucket, "in/1/m.json", []byte(`["a.csv"]`))
	front := stand(t, server, nil)
	key := []byte("0123456789abcdef0123456789abcdef")
	sum := md5.Sum(key)
	spec := spec(server)
	spec.Endpoint, spec.Prefix, spec.Glob, spec.Marker, spec.Manifest = front.URL, "in", "*/*.csv", "_SUCCESS", "*/m.json"
	headers := map[string]string{
		"X-Amz-Request-Payer":         "requester",
		"X-Amz-Expected-Bucket-Owner": "123456789012",
	}
	encryption := map[string]string{
		"X-Amz-Server-Side-Encryption-Customer-Algorithm": "AES256",
		"X-Amz-Server-Side-Encryption-Customer-Key":       base64.StdEncoding.EncodeToString(key),
		"X-Amz-Server-Side-Encryption-Customer-Key-Md5":   base64.StdEncoding.EncodeToString(sum[:]),
	}
	read := func() (listings, objects []*http.Request) {
		s := open(t, spec, quick())
		_, _ = s.Units(t.Context(), extract.Range{}) // the server knows no account of that number, and no such encryption
		_, _ = count(t, s, extract.Unit{Name: "in/1/a.csv", Version: "x", Size: 4})
		return front.asked()
	}
	for _, spec.Versions = range []string{"", "all"} {
		spec.RequesterPays, spec.ExpectedOwner, spec.SSECustomerKey = false, "", ""
		listings, objects := read()
		for _, r := range append(listings, objects...) {
			for name := range headers {
				if r.Header.Get(name) != "" {
					t.Errorf("%s has %s", r.URL, name)
				}
			}
		}
		spec.RequesterPays, spec.ExpectedOwner = true, headers["X-Amz-Expected-Bucket-Owner"]
		spec.SSECustomerKey = encryption["X-Amz-Server-Side-Encryption-Customer-Key"]
		listings, objects = read()
		if len(listings) == 0 || spec.Versions == "" && len(objects) == 0 {
			t.Fatalf("%d listings, %d requests for objects", len(listings), len(objects))
		}
		for _, r := range append(listings, objects...) {
			for name, want := range headers {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s has %s: %q", r.URL, name, got)
				}
			}
		}
		for name, want := range encryption {
			for _, r := range objects {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s has %s: %q", r.URL, name, got)
				}
			}
			for _, r := range listings {
				if r.Header.Get(name) != "" {
					t.Errorf("%s has %s", r.URL, name)
				}
			}
		}
	}
}

func TestAssumeRole(t *testing.T) {
	t.Parallel()
	server := start(t)
	put(t, server, "a.csv")
	var taken atomic.Int64
	var session atomic.Value // the test server refuses tokens that it does not know
	session.Store("")
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want := map[string]string{"Action": "AssumeRole", "RoleArn": "arn:aws:iam::123456789012:role/reader", "ExternalId": "partner-17",
			"RoleSessionName": "nightly", "DurationSeconds": "1800"}
		for name, value := range want {
			if r.FormValue(name) != value || !strings.Contains(r.Header.Get("Authorization"), "Credential=base-key/") {
				w.WriteHeader(http.StatusForbidden)
				_, _ = fmt.Fprintf(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>%s is %s</Message></Error></ErrorResponse>`, name, r.FormValue(name))
				return
			}
		}
		expiry := time.Now().Add(time.Hour)
		if taken.Add(1) == 1 {
			expiry = time.Now().Add(30 * time.Second) // so near that they are fetched anew
		}
		_, _ = fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey>`+
			`<SessionToken>%s</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
			server.AccessKey, server.SecretKey, session.Load(), expiry.UTC().Format(time.RFC3339))
	}))
	defer sts.Close()
	front := stand(t, server, nil)
	spec := spec(server)
	spec.Endpoint, spec.AccessKeyID, spec.SecretAccessKey = front.URL, "base-key", "base-secret"
	role := extract.RoleSpec{RoleARN: "arn:aws:iam::123456789012:role/reader", ExternalID: "partner-17", SessionName: "nightly",
		Duration: 30 * time.Minute, Endpoint: sts.URL}
	spec.AssumeRole = &role
	s := open(t, spec, quick())
	for range 3 {
		if rows, err := count(t, s, list(t, s)[0]); rows != 1 || err != nil {
			t.Errorf("%d rows, %v", rows, err)
		}
	}
	if n := taken.Load(); n != 2 {
		t.Errorf("the role was taken on %d times", n)
	}
	listings, objects := front.asked()
	for _, r := range append(listings, objects...) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential="+server.AccessKey+"/") {
			t.Errorf("%s is not signed by the role", r.URL)
		}
	}
	session.Store("a-session-token")
	_, err := open(t, spec, quick()).Units(t.Context(), extract.Range{})
	if listings, _ = front.asked(); listings[0].Header.Get("X-Amz-Security-Token") != "a-session-token" || strings.Contains(err.Error(), "a-session-token") {
		t.Errorf("a listing without the session's token: %v", err)
	}
	wrong := role
	wrong.ExternalID = ""
	spec.AssumeRole = &wrong
	_, err = open(t, spec, quick()).Units(t.Context(), extract.Range{})
	if err == nil || !strings.Contains(err.Error(), "s3.assume_role") || !strings.Contains(err.Error(), "ExternalId is") ||
		strings.Contains(err.Error(), "base-secret") {
		t.Errorf("got %v", err)
	}
}

func TestProfile(t *testing.T) {
	server := start(t)
	put(t, server, "a.csv")
	files := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(files, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, value := range map[string]string{
		"AWS_SHARED_CREDENTIALS_FILE": write("credentials", fmt.Sprintf("[default]\naws_access_key_id = nobody\naws_secret_access_key = none-at-all\n"+
			"[partner]\naws_access_key_id = %s\naws_secret_access_key = %s\n", server.AccessKey, server.SecretKey)),
		"AWS_CONFIG_FILE":   write("config", "[profile partner]\nregion = us-east-1\n"),
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	spec := spec(server)
	spec.AccessKeyID, spec.SecretAccessKey, spec.Profile = "", "", "partner"
	if units := list(t, open(t, spec, quick())); len(units) != 1 {
		t.Errorf("%q", names(units))
	}
	spec.Profile = ""
	if _, err := open(t, spec, quick()).Units(t.Context(), extract.Range{}); err == nil || strings.Contains(err.Error(), "none-at-all") {
		t.Errorf("the default profile: %v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", server.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", server.SecretKey)
	if units := list(t, open(t, spec, quick())); len(units) != 1 {
		t.Errorf("the environment: %q", names(units))
	}
}

func TestRefusalsHelp(t *testing.T) {
	t.Parallel()
	server := start(t)
	put(t, server, "a.csv")
	for name, test := range map[string]struct {
		status              int
		code, message, want string
		listing             bool
	}{
		"kms": {403, "AccessDenied", "User: x is not authorized to perform: kms:Decrypt on resource: y", "kms:Decrypt on the KMS key", false},
		"kms over http": {400, "InvalidArgument", "Requests specifying Server Side Encryption with AWS KMS managed keys must be made over a secure connection.",
			"only sent over https", false},
		"kms key": {400, "KMS.DisabledException", "arn is disabled.", "ask its owner", false},
		"customer key": {400, "InvalidRequest", "The object was stored using a form of Server Side Encryption. The correct parameters must be provided.",
			"s3.sse_customer_key", false},
		"archived":       {403, "InvalidObjectState", "The operation is not valid for the object's storage class", "restored", false},
		"requester pays": {403, "AccessDenied", "Access Denied", "s3.requester_pays", true},
		"owner":          {403, "AccessDenied", "Access Denied", "s3.expected_owner", true},
		"versions":       {501, "NotImplemented", "A header you provided implies functionality that is not implemented", "drop s3.versions", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			front := stand(t, server, func(w http.ResponseWriter, r *http.Request) bool {
				if isObject := strings.HasSuffix(r.URL.Path, ".csv"); isObject == test.listing {
					return false
				}
				w.WriteHeader(test.status)
				_, _ = fmt.Fprintf(w, `<Error><Code>%s</Code><Message>%s</Message></Error>`, test.code, test.message)
				return true
			})
			spec := spec(server)
			spec.Endpoint = front.URL
			switch name {
			case "owner":
				spec.ExpectedOwner = "123456789012"
			case "versions":
				spec.Versions = "all"
			}
			s := open(t, spec, quick())
			units, err := s.Units(t.Context(), extract.Range{})
			if err == nil {
				_, err = count(t, s, units[0])
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.message) ||
				strings.Count(err.Error(), test.want) != 1 {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
