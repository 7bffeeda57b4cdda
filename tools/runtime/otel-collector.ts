/**
 * The OpenTelemetry collector, as its own builder would assemble it (go.opentelemetry.io/collector/cmd/builder): takes OTLP over HTTP and gRPC and
 * passes on by OTLP over HTTP. Its settings are in its arguments, `--config=yaml:...`. What is built has the revision of this whole file.
 */
const VERSION = 'v0.100.0';

/** In a program of ours, for the collector is published as modules without one. */
export const otelCollector = {
  module: `go.opentelemetry.io/collector/otelcol@${VERSION}`,
  parts: [
    `go.opentelemetry.io/collector/confmap/provider/yamlprovider@${VERSION}`,
    `go.opentelemetry.io/collector/exporter/otlphttpexporter@${VERSION}`,
    `go.opentelemetry.io/collector/receiver/otlpreceiver@${VERSION}`,
  ],
  main: `package main

import (
	"log"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

func components() (factories otelcol.Factories, err error) {
	factories.Receivers, err = receiver.MakeFactoryMap(otlpreceiver.NewFactory())
	if err == nil {
		factories.Exporters, err = exporter.MakeFactoryMap(otlphttpexporter.NewFactory())
	}
	return
}

func main() {
	command := otelcol.NewCommand(otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "otel-collector", Description: "OpenTelemetry collector", Version: "${VERSION}"},
		Factories: components,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory()},
		}},
	})
	if err := command.Execute(); err != nil {
		log.Fatal(err)
	}
}
`,
} as const;
