package deploy

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"sigs.k8s.io/yaml"
)

// compose loads the file as docker compose does, with some profiles.
func compose(t *testing.T, profiles ...string) *types.Project {
	t.Helper()
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  folder,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(folder, "compose.yaml")}},
		Environment: types.Mapping{}, // it needs none
	}, loader.WithProfiles(profiles))
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestComposeProfiles(t *testing.T) {
	for _, c := range []struct{ profiles, services []string }{
		{nil, []string{"clickhouse", "partnerplus", "s3", "volumes"}},
		{[]string{"bi"}, []string{"clickhouse", "grafana", "metabase", "partnerplus", "s3", "volumes"}},
		{[]string{"bi", "watch"}, []string{"clickhouse", "grafana", "metabase", "partnerplus", "prometheus", "s3", "volumes"}},
	} {
		if got := compose(t, c.profiles...).ServiceNames(); !slices.Equal(got, c.services) {
			t.Errorf("with the profiles %v it runs %v, want %v", c.profiles, got, c.services)
		}
	}
}

func TestCompose(t *testing.T) {
	project := compose(t, "*")
	written := secrets(t)
	for name, secret := range project.Secrets {
		if file := filepath.Base(secret.File); !written[file] {
			t.Errorf("the secret %s is the file %s, which secrets.sh does not write", name, file)
		}
	}
	for name, service := range project.Services {
		t.Run(name, func(t *testing.T) {
			once := service.Restart == "no"
			checkConfined(t, service, once)
			checkOperable(t, service, once)
			checkMounts(t, project, service)
			checkSecrets(t, service)
		})
	}
	if image := project.Services["clickhouse"].Image; !strings.HasSuffix(image, ":"+engineLine(t)) {
		t.Errorf("the server is %s, but the tests run on the line %s", image, engineLine(t))
	}
}

// checkConfined looks for rights that a service does not need. One that runs once and without a network may be root.
func checkConfined(t *testing.T, s types.ServiceConfig, once bool) {
	user, _, _ := strings.Cut(s.User, ":")
	if root := user == "" || user == "0"; root && !(once && s.NetworkMode == "none") {
		t.Errorf("runs as %q", s.User)
	}
	if strings.Trim(user, "0123456789") != "" {
		t.Errorf("the user %q is a name: whether it is root is the image's to say", s.User)
	}
	if !s.ReadOnly {
		t.Error("its root is writable")
	}
	if !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.CapAdd) > 0 && !once {
		t.Errorf("it keeps capabilities: drops %v, adds %v", s.CapDrop, s.CapAdd)
	}
	if !slices.Contains(s.SecurityOpt, "no-new-privileges:true") || s.Privileged {
		t.Error("it may gain privileges")
	}
	if s.NetworkMode == "host" || s.Pid != "" || s.Ipc != "" || len(s.Devices) > 0 {
		t.Error("it shares the host's network, processes, memory or devices")
	}
	for _, port := range s.Ports {
		if port.HostIP != "127.0.0.1" {
			t.Errorf("port %s is open on %q", port.Published, port.HostIP)
		}
	}
	for variable, value := range s.Environment {
		secret := strings.Contains(variable, "PASS") || strings.Contains(variable, "SECRET") || strings.Contains(variable, "KEY")
		if secret && (value == nil || !strings.HasPrefix(*value, "/run/secrets/")) {
			t.Errorf("%s is a secret in the environment", variable)
		}
	}
}

// checkOperable looks for what an operator needs.
func checkOperable(t *testing.T, s types.ServiceConfig, once bool) {
	if s.Build == nil && !pinned(s.Image) {
		t.Errorf("the image %s is whatever is newest", s.Image)
	}
	if hasCheck := s.HealthCheck != nil && !s.HealthCheck.Disable && len(s.HealthCheck.Test) > 1; hasCheck == once {
		t.Errorf("health is checked: %t, and it runs once: %t", hasCheck, once)
	}
	for other, dependency := range s.DependsOn {
		if dependency.Condition == types.ServiceConditionStarted {
			t.Errorf("it does not wait until %s is well", other)
		}
	}
	if s.Deploy == nil || s.Deploy.Resources.Limits == nil {
		t.Fatal("it has no limits")
	}
	if limits := s.Deploy.Resources.Limits; limits.NanoCPUs == 0 || limits.MemoryBytes == 0 || limits.Pids == 0 {
		t.Errorf("its limits are not whole: %+v", limits)
	}
	if s.Logging == nil || s.Logging.Options["max-size"] == "" || s.Logging.Options["max-file"] == "" {
		t.Error("its log grows without end")
	}
}

// checkMounts looks whether what is mounted is there, and cannot be changed where it is not the service's own.
func checkMounts(t *testing.T, project *types.Project, s types.ServiceConfig) {
	for _, mount := range s.Volumes {
		switch mount.Type {
		case types.VolumeTypeVolume:
			if _, named := project.Volumes[mount.Source]; !named {
				t.Errorf("%s has no name and is lost with the container", mount.Target)
			}
		case types.VolumeTypeBind:
			if !mount.ReadOnly {
				t.Errorf("it may write to %s", mount.Source)
			}
			if _, err := os.Stat(mount.Source); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("a mount of type %s", mount.Type)
		}
	}
}

var secretPath = regexp.MustCompile(`/run/secrets/([a-z0-9_-]+)`)

// checkSecrets looks whether the service has the secrets that its command, its environment and its configuration name, and no
// others.
func checkSecrets(t *testing.T, s types.ServiceConfig) {
	texts := []string{strings.Join(s.Command, " ")}
	for _, value := range s.Environment {
		texts = append(texts, *value)
	}
	for _, mount := range s.Volumes {
		if mount.Type != types.VolumeTypeBind {
			continue
		}
		err := filepath.WalkDir(mount.Source, func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				texts = append(texts, read(t, path))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	named, has := map[string]bool{}, map[string]bool{}
	for _, name := range secretPath.FindAllStringSubmatch(strings.Join(texts, "\n"), -1) {
		named[name[1]] = true
	}
	for _, secret := range s.Secrets {
		if secret.Target == "" || strings.HasPrefix(secret.Target, "/run/secrets/") {
			has[secret.Source] = true
		}
	}
	if !maps.Equal(named, has) {
		t.Errorf("it names the secrets %v and has %v", named, has)
	}
}

// TestGrafana compares the plugin that is installed with the data source that needs it.
func TestGrafana(t *testing.T) {
	plugin, release, _ := strings.Cut(*compose(t, "bi").Services["grafana"].Environment["GF_PLUGINS_PREINSTALL_SYNC"], "@")
	if !version.MatchString(release) {
		t.Errorf("the plugin %s is whatever is newest", plugin)
	}
	var provisioned struct {
		Datasources []struct {
			UID, Type string
			JSONData  struct{ Host, Protocol, Username string }
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(folder, "grafana", "provisioning", "datasources", "kpi.yaml"))), &provisioned); err != nil {
		t.Fatal(err)
	}
	if len(provisioned.Datasources) != 1 {
		t.Fatalf("%d data sources", len(provisioned.Datasources))
	}
	source := provisioned.Datasources[0]
	if source.Type != plugin || source.UID == "" {
		t.Errorf("the data source is a %s with the uid %q, and installed is %s", source.Type, source.UID, plugin)
	}
	if source.JSONData.Host != "clickhouse" || source.JSONData.Protocol != "http" || source.JSONData.Username != "bi_service" {
		t.Errorf("the data source: %+v", source.JSONData)
	}
}

// TestImageIsOne compares the users, ports and commands of the image with those who run it.
func TestImageIsOne(t *testing.T) {
	service := compose(t).Services["partnerplus"]
	image := containerfile(t)
	stage := image[service.Build.Target]
	if stage == nil {
		t.Fatalf("the Containerfile has no stage %q", service.Build.Target)
	}
	if filepath.Base(service.Build.Dockerfile) != "Containerfile" {
		t.Errorf("it builds %s", service.Build.Dockerfile)
	}
	var state bool
	for _, mount := range service.Volumes {
		state = state || mount.Target == stage.workdir
	}
	if !state {
		t.Errorf("the image's folder %s is not kept in a volume", stage.workdir)
	}
	if got := strings.Join(service.HealthCheck.Test[1:], " "); got != strings.Join(stage.health, " ") {
		t.Errorf("health is asked by %s, and in the image by %v", got, stage.health)
	}
}
