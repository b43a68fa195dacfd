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
  /** Shell commands, run in an empty folder; `$OUT` is where it goes, `$VERSION` its version, `$HERE` this folder. */
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
    name: 'otelcol',
    version: 'v0.155.0',
    use: 'metrics go through a real OpenTelemetry Collector',
    minutes: 4,
    // The parts that observability/collector/ names, of the collector and of its contributed ones, whose stable parts have a number of their own.
    script: `
      cp $HERE/collector/main.go . && go mod init otelcol
      core=go.opentelemetry.io/collector contrib=github.com/open-telemetry/opentelemetry-collector-contrib
      go get $core/{otelcol,service/telemetry/otelconftelemetry}@$VERSION $core/confmap/provider/{env,file}provider@v1.61.0 \
        $core/{exporter/debugexporter,exporter/otlphttpexporter}@$VERSION \
        $core/{processor/batchprocessor,receiver/otlpreceiver}@$VERSION \
        $contrib/{exporter/prometheusexporter,processor/deltatocumulativeprocessor,processor/transformprocessor}@$VERSION
      go build -mod=mod -o $OUT .`,
  },
  {
    name: 'docker-compose',
    version: 'v2.40.3',
    use: 'deploy/compose.yaml is read by Compose itself',
    minutes: 4,
    script: `
      go mod download github.com/docker/compose/v2@$VERSION
      cp -r $(go env GOMODCACHE)/github.com/docker/compose/v2@$VERSION/. . && chmod -R u+w .
      go build -mod=mod -o $OUT ./cmd`,
  },
  {
    name: 'terraform-plugins',
    version: 'v0.222.0',
    use: 'both roots of terraform are planned with the real provider (terraform itself has to be there)',
    minutes: 5,
    // Its parts of the cloud's SDK are not all released as modules: a checkout has them, which GO_SDK names where git cannot fetch it.
    script: `
      provider=github.com/yandex-cloud/terraform-provider-yandex
      go mod download $provider@$VERSION
      cp -r $(go env GOMODCACHE)/$provider@$VERSION provider && chmod -R u+w provider
      sdk=\${GO_SDK:-$PWD/go-sdk}
      [ -d "$sdk" ] || git clone --quiet --depth 1 --branch v2.142.0 https://github.com/yandex-cloud/go-sdk "$sdk"
      cd provider
      sed -i '/yandex_serverless_triggers/d' yandex-framework/gen/yandex/*_generated.go
      rm -rf yandex-framework/gen/yandex/yandex_serverless_triggers
      for module in $(grep -oE 'github.com/yandex-cloud/go-sdk/(services/[a-z0-9_/]+|v2) ' go.mod); do
        part=\${module#github.com/yandex-cloud/go-sdk/}; folder=$sdk/$part
        if [ $part = v2 ]; then folder=$sdk; fi
        if [ -f $folder/go.mod ]; then go mod edit -replace $module=$folder; fi
      done
      place=$OUT/registry.terraform.io/yandex-cloud/yandex/\${VERSION#v}/$(go env GOOS)_$(go env GOARCH)
      mkdir -p $place && go build -mod=mod -o $place/terraform-provider-yandex_$VERSION .`,
  },
  {
    name: 'newrelic-plugins',
    version: 'v3.94.0',
    use: 'terraform/new-relic is planned with the real provider (terraform itself has to be there)',
    minutes: 3,
    // A checkout is named by NEWRELIC_PROVIDER where git cannot fetch it.
    script: `
      provider=\${NEWRELIC_PROVIDER:-$PWD/provider}
      [ -d "$provider" ] || git clone --quiet --depth 1 --branch $VERSION https://github.com/newrelic/terraform-provider-newrelic "$provider"
      place=$OUT/registry.terraform.io/newrelic/newrelic/\${VERSION#v}/$(go env GOOS)_$(go env GOARCH)
      mkdir -p $place && cd "$provider" && go build -mod=mod -o $place/terraform-provider-newrelic_$VERSION .`,
  },
]
