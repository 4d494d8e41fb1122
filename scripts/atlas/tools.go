//go:build tools

// Package atlas pins the Atlas CLI: the newest one that exists as a tagged Go
// module. `go build ariga.io/atlas/cmd/atlas` in this directory builds it from
// sources whose every byte go.sum vouches for.
package atlas

import _ "ariga.io/atlas/cmd/atlas"
