import { describe, expect, test } from "vitest";
import { imageReferences, outsideReferences } from "../../../src/domain/manifest/images.ts";

const pod = (image: string, more = "") => `containers: [{ name: a, image: "${image}" }]${more}`;
const inside = `registry.client.example:5000/platform/x/backend:1@sha256:${"a".repeat(64)}`;

describe("the images of manifests", () => {
  test.each([
    ["Pod", `kind: Pod\nspec:\n  ${pod("one")}\n`],
    ["Deployment", `kind: Deployment\nspec:\n  template:\n    spec:\n      ${pod("one")}\n`],
    ["CronJob", `kind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          ${pod("one")}\n`],
    ["an init container", "kind: Job\nspec:\n  template:\n    spec:\n      initContainers: [{ name: i, image: one }]\n"],
    ["an ephemeral container", "kind: Pod\nspec:\n  ephemeralContainers: [{ name: i, image: one }]\n"],
    ["an image volume", "kind: Pod\nspec:\n  volumes: [{ name: v, image: { reference: one } }, { name: w, emptyDir: {} }]\n"],
    ["a custom resource that holds a pod", `kind: ScaledJob\nspec:\n  jobTargetRef:\n    template:\n      spec:\n        ${pod("one")}\n`],
    ["a List", `kind: List\nitems:\n  - kind: Pod\n    spec:\n      ${pod("one")}\n`],
    ["a pod whose other lists are odd", `kind: Pod\nspec:\n  ${pod("one")}\n  volumes: 3\n  initContainers: [null, 4]\n`],
    ["the second document", `# nothing\n---\n---\nkind: Pod\nspec:\n  ${pod("one")}\n`],
  ])("are found in %s", (_where, manifests) => {
    expect(imageReferences(manifests)).toEqual(["one"]);
  });

  test("are each told once, sorted", () => {
    expect(imageReferences(["b", "a", "b"].map((image) => `kind: Pod\nspec: { ${pod(image)} }\n`).join("---\n"))).toEqual(["a", "b"]);
  });

  test("are not looked for in the text of ConfigMaps", () => {
    expect(imageReferences("kind: ConfigMap\ndata:\n  image: docker.io/library/nginx\n  x: |\n    containers: [{ image: y }]\n")).toEqual(
      [],
    );
  });

  test("cannot hide in a document that is broken", () => {
    expect(() => imageReferences("kind: Pod\nspec: { containers: [{ image: x }\n")).toThrow("not valid YAML");
  });
});

describe("references outside the client's registry", () => {
  const target = "registry.client.example:5000/platform";
  const of = (image: string) => outsideReferences(`kind: Pod\nspec: { ${pod(image)} }\n`, target);

  test("are none when every image lies in it", () => {
    expect(of(inside)).toEqual([]);
  });

  test.each([
    "nginx",
    "library/nginx:1",
    "docker.io/platform/x/backend:1",
    "registry.client.example/platform/x/backend:1",
    "registry.client.example:5000/platformx/backend:1",
    "registry.client.example:5000/other/backend:1",
    "registry.client.example:5000.evil.example/platform/x:1",
    "evil.example/registry.client.example:5000/platform/x:1",
    "not an image",
  ])("are told: %s", (image) => {
    expect(of(image)).toEqual([image]);
  });

  test("do not depend on the case of the host's name", () => {
    expect(outsideReferences(`kind: Pod\nspec: { ${pod(inside)} }\n`, "Registry.Client.Example:5000/platform")).toEqual([]);
  });
});
