package demo

import _ "embed" // the config

// ConfigFile is the name of the config that Generate writes into the company's folder.
const ConfigFile = "partnerplus.yaml"

// Environment variables that the config asks for, to be set from an API's URL and Token.
const (
	EnvURL   = "DEMO_API_URL"
	EnvToken = "DEMO_API_TOKEN"
)

//go:embed demo.yaml
var config []byte
