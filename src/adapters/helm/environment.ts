/** What helm itself needs: where programs and files are, how to get through a proxy, which CAs the system trusts. */
const needed =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|LANG|LC_[A-Z]+|KUBECONFIG|SSL_CERT_FILE|SSL_CERT_DIR|XDG_[A-Z]+_HOME|(HTTPS?|NO|ALL)_PROXY|https?_proxy|no_proxy|all_proxy)$/;

/** What the credential plugins of the large clouds, which helm starts for the kubeconfig, are told about the account to use. */
const plugins = /^(AWS|AZURE|AAD|ARM|GOOGLE|CLOUDSDK|OCI|OS|IBMCLOUD|KUBERNETES|TSH|TELEPORT)_/;

/**
 * The environment of the helm process. A list of what may pass and not of what may not, because the answers can name any variable as the
 * place of a password, and none of those is helm's business; HELM_* would change what the same argv means.
 */
export function helmEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries.filter(([name]) => needed.test(name) || plugins.test(name)));
}
