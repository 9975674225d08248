package docker

import _ "github.com/testcontainers/testcontainers-go"
import _ "github.com/testcontainers/testcontainers-go/wait"
