import { metadataServerAt } from '../../programs/metadata-server.ts'
import { knownApis } from '../api-methods.ts'

/** The APIs that the sandbox answers from the SDK's description: gcloud's name for each, with its host and service path. */
const describedApis: Record<string, string> = {
  ...Object.fromEntries(
    [
      ...['alloydb', 'artifactregistry', 'bigtableadmin', 'certificatemanager', 'cloudbuild', 'clouddeploy'],
      ...[
        'cloudfunctions',
        'cloudkms',
        'cloudscheduler',
        'cloudtasks',
        'composer',
        'container',
        'dataproc',
        'eventarc',
      ],
      ...['file', 'gkehub', 'memcache', 'monitoring', 'networkconnectivity', 'networksecurity', 'networkservices'],
      ...['osconfig', 'privateca', 'pubsub', 'redis', 'servicedirectory', 'spanner', 'vpcaccess', 'workflows'],
      'workstations',
    ].map((api) => [api, `${api}.sandbox/`]),
  ),
  bigquery: 'bigquery.sandbox/bigquery/v2/',
  compute: 'compute.sandbox/compute/v1/',
  dns: 'dns.sandbox/dns/v1/',
  sql: 'sqladmin.sandbox/',
  storage: 'storage.sandbox/storage/v1/',
}

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
    ...Object.fromEntries(
      Object.entries(describedApis).map(([api, at]) => [
        `CLOUDSDK_API_ENDPOINT_OVERRIDES_${api.toUpperCase()}`,
        `http://${at}`,
      ]),
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
