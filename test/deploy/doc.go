// Package deploy holds the files of the folder deploy that take a container engine or a cluster to what they promise, by the
// parsers that these use themselves: Compose's loader, BuildKit's parser, and Kustomize with the types of Kubernetes. What they
// mean to a running engine it cannot tell. It is a module of its own, so that nobody else downloads what it depends on.
package deploy
