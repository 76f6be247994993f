import type { Answers } from "../../domain/answers/answers.ts";
import { imagesOf } from "../../domain/manifest/images.ts";
import { manifestObjects } from "../../domain/manifest/objects.ts";
import type { Release } from "../../domain/release/release.ts";
import type { ChartRender, ChartRenderer } from "../../ports/helm.ts";
import type { Templates } from "../../ports/templates.ts";
import { documentContext } from "./document-context.ts";
import { renderValues } from "./values.ts";

/** What the cluster can do, as far as the chart looks at it. */
export interface Capabilities {
  /** `v1.34.4` */
  readonly kubeVersion: string;
  /** `group/version` and `group/version/Kind`. */
  readonly apiVersions: readonly string[];
}

/** Everything that decides what is rendered: equal requests give equal results, byte for byte. */
export interface RenderRequest {
  readonly answers: Answers;
  readonly release: Release;
  /** Path of the chart's folder or .tgz on this host. */
  readonly chart: string;
  readonly capabilities: Capabilities;
  /** Revision at which the migrations stop; absent: they go as far as the release does. */
  readonly migrateTo?: string | undefined;
}

/** A document for the client, filled in with their answers. */
interface RenderedDocument {
  readonly name: string;
  readonly content: string;
}

/** What an installation consists of, before anything is applied. Holds no secret. */
export interface Rendered {
  /** values.yaml */
  readonly values: string;
  /** Manifests, exactly as `helm upgrade` of {@link render} applies them. */
  readonly manifests: string;
  readonly documents: readonly RenderedDocument[];
  /** Every image reference in the pods of the manifests. */
  readonly images: readonly string[];
  /** What to give to Helm.apply. */
  readonly render: ChartRender;
}

/** What rendering needs from outside. */
export interface RenderPorts {
  readonly helm: ChartRenderer;
  readonly templates: Templates;
}

/**
 * Renders values, manifests and documents; one run of helm, and nothing is written.
 * @throws Problem HELM_MISSING, HELM_TOO_OLD, HELM_FAILED, CHART_REFUSED
 */
export async function renderRelease(request: RenderRequest, { helm, templates }: RenderPorts, signal: AbortSignal): Promise<Rendered> {
  const { answers, release, chart, capabilities, migrateTo } = request;
  const values = await renderValues({ answers, release, migrateTo }, templates);
  const render = { release: answers.release.name, namespace: answers.release.namespace, chart, values, ...capabilities };
  const manifests = await helm.template(render, signal);
  const objects = manifestObjects(manifests);
  const images = imagesOf(objects);
  const context = documentContext(request, images, objects);
  const documents = await Promise.all(
    (await templates.names("docs")).map(async (name) => ({
      name: name.slice("docs/".length),
      content: await templates.render(name, context),
    })),
  );
  return { values, manifests, documents, images, render };
}
