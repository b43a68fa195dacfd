import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where programs lie that tests use where they are at hand and that take minutes to build: outside the checkout, for all of them. */
export const toolsFolder = (env = process.env): string =>
  join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'social-sync/tools')

export interface Tool {
  /** As it lies in the folder of tools. */
  readonly name: string
  readonly version: string
  /** What is tried with it. */
  readonly use: string
  /** Minutes on two cores, about. */
  readonly minutes: number
  /** Shell commands, run in an empty folder; `$OUT` is where it goes, `$VERSION` its version. */
  readonly script: string
}

const kubernetes = 'k8s.io/kubernetes'

/** Go and Python build them from what their registries have. */
export const tools: readonly Tool[] = [
  {
    name: 'helm',
    version: 'v4.3.1',
    use: 'the chart is rendered',
    minutes: 3,
    script: 'GOBIN=$PWD go install helm.sh/helm/v4/cmd/helm@$VERSION && mv helm $OUT',
  },
  {
    name: 'kubernetes-validate',
    version: '1.37.0',
    use: 'manifests are held against the schemas of five versions of Kubernetes',
    minutes: 1,
    script: 'python3 -m venv $OUT && $OUT/bin/pip install --quiet kubernetes-validate==$VERSION',
  },
  {
    name: 'etcd',
    version: 'v3.7.3',
    use: 'the store of kube-apiserver',
    minutes: 1,
    script: `
      printf 'package main\\nimport ("os"; "go.etcd.io/etcd/server/v3/etcdmain")\\nfunc main() { etcdmain.Main(os.Args) }\\n' > main.go
      go mod init etcd && go get go.etcd.io/etcd/server/v3@$VERSION && go build -o $OUT .`,
  },
  {
    name: 'kube-apiserver',
    version: 'v1.37.2',
    use: 'manifests are applied',
    minutes: 5,
    // Its own parts are released as modules with the same numbers.
    script: `
      go mod download ${kubernetes}@$VERSION
      { printf 'module kube\\n\\ngo 1.26\\n\\nrequire ${kubernetes} %s\\n' $VERSION
        grep -oE 'k8s.io/[a-z0-9-]+ => ./staging' $(go env GOMODCACHE)/cache/download/${kubernetes}/@v/$VERSION.mod |
          while read part rest; do echo "replace $part => $part v0.\${VERSION#v1.}"; done; } > go.mod
      printf 'package main\\nimport _ "${kubernetes}/cmd/kube-apiserver/app"\\nfunc main() {}\\n' > main.go
      go build -mod=mod -o $OUT ${kubernetes}/cmd/kube-apiserver`,
  },
  {
    name: 'keda-crds',
    version: 'v2.21.0',
    use: "KEDA's kinds are known to kube-apiserver",
    minutes: 1,
    script: `
      go mod download github.com/kedacore/keda/v2@$VERSION
      mkdir -p $OUT && cp $(go env GOMODCACHE)/github.com/kedacore/keda/v2@$VERSION/config/crd/bases/keda.sh_{scaledobjects,triggerauthentications}.yaml $OUT`,
  },
  {
    name: 'docker-compose',
    version: 'v2.40.3',
    use: 'deploy/compose.yaml is read by Compose itself',
    minutes: 4,
    script: 'GOBIN=$PWD go install github.com/docker/compose/v2/cmd@$VERSION && mv cmd $OUT',
  },
]
