import { metadataServerAt } from '../../programs/metadata-server.ts'
import { knownApis } from '../api-methods.ts'

/**
 * Returns the environment variables with which gcloud, or any client that honours a proxy, reaches only the sandbox, and
 * those that give GitHub's clients its API and token (docs.github.com/actions/reference/workflows-and-actions/variables,
 * cli.github.com/manual/gh_help_environment). `configDir` is a temporary folder for gcloud's own files.
 */
export function sandboxEnvironment(given: {
  address: string
  token: string
  configDir: string
}): Record<string, string> {
  const { address, token, configDir } = given
  const { hostname, port } = new URL(address)
  return {
    ...Object.fromEntries(
      knownApis.map((api) => [`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api.toUpperCase()}`, `http://${api}.sandbox/`]),
    ),
    CLOUDSDK_PROXY_TYPE: 'http',
    CLOUDSDK_PROXY_ADDRESS: hostname,
    CLOUDSDK_PROXY_PORT: port,
    CLOUDSDK_AUTH_ACCESS_TOKEN: token,
    CLOUDSDK_CONFIG: configDir,
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
    CLOUDSDK_CORE_DISABLE_FILE_LOGGING: '1',
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
    CLOUDSDK_SURVEY_DISABLE_PROMPTS: '1',
    ...metadataServerAt(`${hostname}:${port}`),
    GITHUB_API_URL: 'http://github.sandbox',
    GH_TOKEN: token,
    http_proxy: address,
    HTTP_PROXY: address,
    https_proxy: address,
    HTTPS_PROXY: address,
    all_proxy: address,
    ALL_PROXY: address,
    no_proxy: '',
    NO_PROXY: '',
    BREAKGLASS_SANDBOX: address,
  }
}
