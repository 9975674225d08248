package deploy

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// cluster is what an overlay makes.
type cluster struct {
	deployments []*appsv1.Deployment
	cronJobs    []*batchv1.CronJob
	services    []*corev1.Service
	policies    []*networkingv1.NetworkPolicy
	configs     map[string]*corev1.ConfigMap
	names       map[string]bool // kind/name of all
}

// pods gives the pods' templates by the name of what runs them.
func (c *cluster) pods() map[string]corev1.PodTemplateSpec {
	all := map[string]corev1.PodTemplateSpec{}
	for _, d := range c.deployments {
		all[d.Name] = d.Spec.Template
	}
	for _, j := range c.cronJobs {
		all[j.Name] = j.Spec.JobTemplate.Spec.Template
	}
	return all
}

// build runs Kustomize on the example, with one of the components, and decodes what it makes by the types of Kubernetes. A field that
// these do not know is an error.
func build(t *testing.T, component string) *cluster {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(folder, "kubernetes"))); err != nil {
		t.Fatal(err)
	}
	example := filepath.Join(dir, "overlays", "example")
	choice := filepath.Join(example, "kustomization.yaml")
	text := strings.Replace(read(t, choice), "../../serve #", "../../"+component+" #", 1)
	if err := os.WriteFile(choice, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), example)
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{configs: map[string]*corev1.ConfigMap{}, names: map[string]bool{}}
	for _, resource := range made.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		if namespace := resource.GetNamespace(); namespace != "partnerplus" && resource.GetKind() != "Namespace" {
			t.Errorf("%s is in the namespace %q", resource.CurId(), namespace)
		}
		c.names[resource.GetKind()+"/"+resource.GetName()] = true
		c.add(t, resource.GetApiVersion()+"/"+resource.GetKind(), text)
	}
	return c
}

func (c *cluster) add(t *testing.T, kind string, text []byte) {
	t.Helper()
	switch kind {
	case "apps/v1/Deployment":
		c.deployments = append(c.deployments, strict[appsv1.Deployment](t, text))
	case "batch/v1/CronJob":
		c.cronJobs = append(c.cronJobs, strict[batchv1.CronJob](t, text))
	case "v1/Service":
		c.services = append(c.services, strict[corev1.Service](t, text))
	case "networking.k8s.io/v1/NetworkPolicy":
		c.policies = append(c.policies, strict[networkingv1.NetworkPolicy](t, text))
	case "v1/ConfigMap":
		config := strict[corev1.ConfigMap](t, text)
		c.configs[config.Name] = config
	case "v1/Namespace":
		strict[corev1.Namespace](t, text)
	case "v1/PersistentVolumeClaim":
		strict[corev1.PersistentVolumeClaim](t, text)
	case "v1/ServiceAccount":
		if account := strict[corev1.ServiceAccount](t, text); *account.AutomountServiceAccountToken {
			t.Error("the account's token is mounted")
		}
	default:
		t.Errorf("%s is not expected here", kind)
	}
}

func strict[T any](t *testing.T, text []byte) *T {
	t.Helper()
	into := new(T)
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	return into
}

func TestServe(t *testing.T) {
	c := build(t, "serve")
	if len(c.deployments) != 1 || len(c.cronJobs) != 0 || len(c.services) != 1 || len(c.policies) != 1 {
		t.Fatalf("it makes %v", c.names)
	}
	deployment, service := c.deployments[0], c.services[0]
	if *deployment.Spec.Replicas != 1 || deployment.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
		t.Error("two daemons run at once")
	}
	labels := deployment.Spec.Template.Labels
	if !selects(deployment.Spec.Selector.MatchLabels, labels) || !selects(service.Spec.Selector, labels) {
		t.Errorf("the pod's labels are %v; selected are %v and %v", labels, deployment.Spec.Selector.MatchLabels, service.Spec.Selector)
	}
	container := deployment.Spec.Template.Spec.Containers[0]
	port := container.Ports[0]
	if service.Spec.Ports[0].TargetPort.StrVal != port.Name {
		t.Errorf("the service leads to the port %s", service.Spec.Ports[0].TargetPort.String())
	}
	for path, probe := range map[string]*corev1.Probe{"/healthz": container.LivenessProbe, "/readyz": container.ReadinessProbe} {
		if probe == nil || probe.HTTPGet.Path != path || probe.HTTPGet.Port.StrVal != port.Name {
			t.Errorf("%s is asked by %+v", path, probe)
		}
	}
	if container.StartupProbe == nil {
		t.Error("a daemon that makes its tables is killed as dead")
	}
	c.check(t)
}

func TestCronJobs(t *testing.T) {
	c := build(t, "cronjobs")
	if len(c.deployments) != 0 || len(c.cronJobs) != 2 {
		t.Fatalf("it makes %v", c.names)
	}
	for _, job := range c.cronJobs {
		spec := job.Spec
		if spec.ConcurrencyPolicy != batchv1.ForbidConcurrent || *spec.StartingDeadlineSeconds < 600 {
			t.Errorf("%s runs twice at once, or not at all after an outage", job.Name)
		}
		if _, err := time.LoadLocation(*spec.TimeZone); err != nil || len(strings.Fields(spec.Schedule)) != 5 {
			t.Errorf("%s is due at %q in %q: %v", job.Name, spec.Schedule, *spec.TimeZone, err)
		}
		if *spec.JobTemplate.Spec.ActiveDeadlineSeconds == 0 || *spec.JobTemplate.Spec.BackoffLimit > 3 {
			t.Errorf("%s may run without end", job.Name)
		}
		pod := spec.JobTemplate.Spec.Template
		if pod.Spec.RestartPolicy != corev1.RestartPolicyNever {
			t.Errorf("%s has a policy for failures, which needs restartPolicy Never", job.Name)
		}
		if args := pod.Spec.Containers[0].Args; "partnerplus-"+args[len(args)-1] != job.Name {
			t.Errorf("%s runs %v", job.Name, args)
		}
	}
	c.check(t)
}

func selects(selector, labels map[string]string) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return len(selector) > 0
}

var secretFile = regexp.MustCompile(`\$\{file:/run/secrets/partnerplus/([a-z0-9-]+)\}`)

// check holds every pod to the rules of the standard "restricted" and some more, and looks whether what it names is there.
func (c *cluster) check(t *testing.T) {
	t.Helper()
	example := strict[corev1.Secret](t, []byte(read(t, filepath.Join(folder, "kubernetes", "overlays", "example", "secret.example.yaml"))))
	for _, config := range c.configs {
		files := secretFile.FindAllStringSubmatch(config.Data["partnerplus.yaml"], -1)
		if len(files) == 0 {
			t.Errorf("%s names no secret", config.Name)
		}
		for _, file := range files {
			if example.StringData[file[1]] == "" {
				t.Errorf("the config names the secret %s, and the example of the Secret lacks it", file[1])
			}
		}
	}
	for name, pod := range c.pods() {
		for _, policy := range c.policies {
			if !selects(policy.Spec.PodSelector.MatchLabels, pod.Labels) {
				t.Errorf("%s: the policy %s is for pods with %v, and these have %v", name, policy.Name, policy.Spec.PodSelector.MatchLabels, pod.Labels)
			}
		}
		spec := pod.Spec
		if spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken || !c.names["ServiceAccount/"+spec.ServiceAccountName] {
			t.Errorf("%s: account %q, token %v", name, spec.ServiceAccountName, spec.AutomountServiceAccountToken)
		}
		if s := spec.SecurityContext; !*s.RunAsNonRoot || *s.RunAsUser == 0 || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s: %+v", name, s)
		}
		mounted := map[string]bool{}
		for _, volume := range spec.Volumes {
			mounted[volume.Name] = true
			switch {
			case volume.ConfigMap != nil:
				if c.configs[volume.ConfigMap.Name] == nil {
					t.Errorf("%s: no ConfigMap %s", name, volume.ConfigMap.Name)
				}
			case volume.PersistentVolumeClaim != nil:
				if !c.names["PersistentVolumeClaim/"+volume.PersistentVolumeClaim.ClaimName] {
					t.Errorf("%s: no claim %s", name, volume.PersistentVolumeClaim.ClaimName)
				}
			case volume.Secret != nil:
				if volume.Secret.SecretName != example.Name || *volume.Secret.DefaultMode&0o007 != 0 {
					t.Errorf("%s: secret %+v", name, volume.Secret)
				}
			case volume.EmptyDir == nil || volume.EmptyDir.SizeLimit == nil:
				t.Errorf("%s: the volume %s has no bound", name, volume.Name)
			}
		}
		for _, container := range spec.Containers {
			s := container.SecurityContext
			if *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem || !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) {
				t.Errorf("%s: %+v", name, s)
			}
			if !pinned(container.Image) {
				t.Errorf("%s: the image %s", name, container.Image)
			}
			for _, resource := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				least, most := container.Resources.Requests[resource], container.Resources.Limits[resource]
				if least.IsZero() || most.Cmp(least) < 0 {
					t.Errorf("%s: %s from %s to %s", name, resource, &least, &most)
				}
			}
			for _, mount := range container.VolumeMounts {
				if !mounted[mount.Name] {
					t.Errorf("%s: no volume %s", name, mount.Name)
				}
			}
		}
	}
}

// TestEveryManifestIsUsed finds files that no kustomization names.
func TestEveryManifestIsUsed(t *testing.T) {
	root := filepath.Join(folder, "kubernetes")
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".example.yaml") || entry.Name() == "kustomization.yaml" {
			return err
		}
		if list := read(t, filepath.Join(root, filepath.Dir(path), "kustomization.yaml")); !strings.Contains(list, entry.Name()) {
			t.Errorf("no kustomization names %s", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
