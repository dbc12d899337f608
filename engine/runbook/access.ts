/**
 * How to reach Google Cloud through a proxy, with other certificates or as another account, from the inventory's environment
 * or a flag. Paths are unresolved until a command resolves them.
 */
export type Access = {
  /** `http://HOST:PORT` or `socks5://HOST:PORT`. */
  proxy?: string
  /** Hosts that HTTP checks and scripts reach without the proxy. gcloud always uses the proxy. */
  noProxy?: string[]
  /** PEM certificates of the authorities to trust instead of the default ones. */
  caFile?: string
  /** A workload identity configuration, which names the source of a token and contains no key. */
  credentialsFile?: string
  account?: string
  /** The named configuration of gcloud. */
  configuration?: string
  /** A service account, or a comma-separated delegation chain with the impersonated account last. */
  impersonateServiceAccount?: string
}

/** The name of a file used for access and the SHA-256 of its bytes. */
export type AccessFile = { name: string; digest: string }

/** The access that a run used, as the log and a saved plan store it. */
export type AccessUsed = Omit<Access, 'caFile' | 'credentialsFile'> & {
  caFile?: AccessFile
  /** `serviceAccount` is the account that the file impersonates. */
  credentialsFile?: AccessFile & { serviceAccount?: string }
}

/** The flag for each member of an access. */
export const ACCESS_FLAGS = {
  proxy: '--proxy',
  caFile: '--ca-file',
  credentialsFile: '--credentials-file',
  account: '--account',
  configuration: '--configuration',
  impersonateServiceAccount: '--impersonate-service-account',
} as const satisfies { [name in Exclude<keyof Access, 'noProxy'>]: string }

/** A problem with a value and its fix, without the value itself, which can contain a password. */
export type AccessFlaw = { message: string; hint: string }

const HOST = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])`
const PROXY = new RegExp(`^(http|socks5)://(${HOST}):([1-9][0-9]{0,4})/?$`)
const BYPASSED = new RegExp(`^\\.?${HOST}$`)
const SERVICE_ACCOUNT = /^[a-z0-9][a-z0-9-]*@[a-z0-9][a-z0-9.-]*\.gserviceaccount\.com$/
const ACCOUNT = /^(?:[^\s@,:/]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|principal:\/\/[A-Za-z0-9._~:/@%+=-]+)$/
const CONFIGURATION = /^[a-z][a-z0-9-]*$/

/** Validates the format of one member of an access. */
export function accessFlaw(name: keyof Access, value: string | string[]): AccessFlaw | undefined {
  switch (name) {
    case 'proxy':
      return proxyFlaw(String(value))
    case 'noProxy': {
      const wrong = [value].flat().find((host) => !BYPASSED.test(host))
      if (wrong === undefined) return undefined
      return {
        message: 'a host to reach without the proxy must be HOST or .DOMAIN',
        hint: wrong === '*' ? 'to use no proxy at all, remove `proxy`' : 'use a form such as .corp.example',
      }
    }
    case 'caFile':
    case 'credentialsFile':
      return String(value).trim() === '' || /[\0\r\n]/.test(String(value))
        ? { message: 'this is not a file path', hint: 'use the path of a file' }
        : undefined
    case 'account':
      return ACCOUNT.test(String(value))
        ? undefined
        : { message: 'this is not an account', hint: 'use its email address; `gcloud auth list` lists yours' }
    case 'configuration':
      return CONFIGURATION.test(String(value))
        ? undefined
        : {
            message: 'this is not the name of a gcloud configuration',
            hint: 'run `gcloud config configurations list` to list yours',
          }
    case 'impersonateServiceAccount':
      return String(value)
        .split(',')
        .every((one) => SERVICE_ACCOUNT.test(one))
        ? undefined
        : {
            message: 'this is not the email address of a service account',
            hint: 'use NAME@PROJECT.iam.gserviceaccount.com; separate a delegation chain with commas, without spaces',
          }
  }
}

function proxyFlaw(text: string): AccessFlaw | undefined {
  const [, , , port] = PROXY.exec(text) ?? []
  if (port !== undefined && Number(port) <= 65_535) return undefined
  if (text.includes('@'))
    return {
      message: 'the proxy URL contains a user name or a password, which every process on this machine could read',
      hint: 'remove it; if the proxy requires a login, run a local relay that logs in (such as px or cntlm) and use its URL, or allow this machine on the proxy',
    }
  if (/^(https|socks|socks4a?|socks5h):/i.test(text))
    return {
      message: 'gcloud does not support this kind of proxy',
      hint: 'use http://HOST:PORT (even if the requests are https) or socks5://HOST:PORT',
    }
  return { message: 'this is not a proxy URL', hint: 'use a form such as http://proxy.corp.example:3128' }
}

/** Returns a conflict between members of an access, or a member that has no effect without another. */
export function accessConflict({ account, credentialsFile, proxy, noProxy }: Access): AccessFlaw | undefined {
  if (account !== undefined && credentialsFile !== undefined)
    return {
      message: 'an account and a credentials file are both set, and gcloud would ignore the account',
      hint: 'set only one of them',
    }
  if (noProxy !== undefined && proxy === undefined)
    return { message: '`noProxy` has no effect without a proxy', hint: 'add `proxy`, or remove `noProxy`' }
  return undefined
}

/** The flag value that turns off a setting of the inventory for one run. */
export const NO_ACCESS = 'none'

/** Applies flags to the inventory's access. A login from a flag replaces the inventory's login. */
export function withFlags(inventory: Access = {}, flags: Access): Access {
  const { account, credentialsFile, noProxy, ...rest } = inventory
  const login = flags.account === undefined && flags.credentialsFile === undefined ? { account, credentialsFile } : {}
  const all = { ...rest, ...(flags.proxy === NO_ACCESS ? {} : { noProxy }), ...login, ...flags }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== NO_ACCESS))
}

/** Parses a proxy URL. */
export function proxyAt(proxy: string): { type: 'http' | 'socks5'; host: string; port: number } {
  const [, type, host = '', port] = PROXY.exec(proxy) ?? []
  return { type: type === 'socks5' ? 'socks5' : 'http', host, port: Number(port) }
}

/** Returns gcloud's properties for an access by section and name, as `gcloud config list` prints them. */
export function accessProperties(access: Access): Record<string, string> {
  const proxy = access.proxy === undefined ? undefined : proxyAt(access.proxy)
  return defined({
    'proxy/type': proxy?.type,
    'proxy/address': proxy?.host,
    'proxy/port': proxy && String(proxy.port),
    'core/custom_ca_certs_file': access.caFile,
    'core/account': access.account,
    'auth/credential_file_override': access.credentialsFile,
    'auth/impersonate_service_account': access.impersonateServiceAccount,
  })
}

/** Returns the environment variables that configure an access for gcloud; they override its configuration files. */
export const gcloudVariables = (access: Access = {}): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(accessProperties(access)).map(([name, value]) => [
      `CLOUDSDK_${name.replace('/', '_').toUpperCase()}`,
      value,
    ]),
  ),
  ...defined({ CLOUDSDK_ACTIVE_CONFIG_NAME: access.configuration }),
})

/** Returns the environment variables that configure an access for common tools and client libraries in a script. */
export function scriptVariables({ proxy, noProxy, caFile, credentialsFile }: Access = {}): Record<string, string> {
  const url = proxy?.replace(/\/$/, '').replace('socks5:', 'socks5h:')
  const bypassed = proxy === undefined ? undefined : ['localhost', '127.0.0.1', '::1', ...(noProxy ?? [])].join(',')
  const proxies = { HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, NO_PROXY: bypassed }
  return defined({
    ...proxies,
    ...Object.fromEntries(Object.entries(proxies).map(([name, value]) => [name.toLowerCase(), value])),
    SSL_CERT_FILE: caFile,
    REQUESTS_CA_BUNDLE: caFile,
    CURL_CA_BUNDLE: caFile,
    NODE_EXTRA_CA_CERTS: caFile,
    GOOGLE_APPLICATION_CREDENTIALS: credentialsFile,
  })
}

const defined = (all: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined))

/** The access member that replaces each variable of the caller; the first match counts. */
const NAMED_BY: [RegExp, keyof Access][] = [
  [/^(no_proxy)$/i, 'noProxy'],
  [/^(https?_proxy|all_proxy|cloudsdk_proxy_(type|address|port))$/i, 'proxy'],
  [
    /^(REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE)$/,
    'caFile',
  ],
  [/^(GOOGLE_APPLICATION_CREDENTIALS|CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE)$/, 'credentialsFile'],
  [/^CLOUDSDK_CORE_ACCOUNT$/, 'account'],
  [/^CLOUDSDK_ACTIVE_CONFIG_NAME$/, 'configuration'],
  [/^(CLOUDSDK_AUTH|GOOGLE)_IMPERSONATE_SERVICE_ACCOUNT$/, 'impersonateServiceAccount'],
]

/** Returns the explicit setting for a variable or gcloud property (`proxy/address`), or undefined if there is none or it is already set. */
export function namedOnPurpose(what: string, access: Access = {}): string | undefined {
  const variable = what.includes('/') ? `CLOUDSDK_${what.replace('/', '_').toUpperCase()}` : what
  const name = NAMED_BY.find(([pattern]) => pattern.test(variable))?.[1]
  if (name === undefined || access[name] !== undefined) return undefined
  const inInventory = `\`access.${name}\` in the inventory`
  return name === 'noProxy' ? inInventory : `${ACCESS_FLAGS[name]} or ${inInventory}`
}

/** Describes an access for a sentence that starts with "Google Cloud is reached", in the order in which a request uses it. */
export function describeAccess(used: AccessUsed | undefined): string {
  const { proxy, noProxy, caFile, credentialsFile, account, configuration, impersonateServiceAccount } = used ?? {}
  const file = ({ name, digest }: AccessFile) => `${name} (${digest.slice(0, 'sha256:'.length + 12)})`
  const parts = [
    ...(proxy === undefined ? [] : [`through the proxy ${proxy}`]),
    ...(noProxy === undefined ? [] : [`except for HTTP checks and scripts that connect to ${noProxy.join(', ')}`]),
    ...(caFile === undefined ? [] : [`trusting the certificates of ${file(caFile)}`]),
    ...(configuration === undefined ? [] : [`with the gcloud configuration ${configuration}`]),
    ...(credentialsFile === undefined ? [] : [`with the workload identity configuration ${file(credentialsFile)}`]),
    ...(account === undefined ? [] : [`as ${account}`]),
    ...(impersonateServiceAccount === undefined ? [] : [`impersonating ${impersonateServiceAccount}`]),
  ]
  return parts.length === 0 ? "directly, with gcloud's own configuration" : parts.join(', ')
}

/** Returns the identity that Google Cloud's logs show for the commands of an account with this access. */
export const actingAs = (account: string, access: AccessUsed | undefined): string =>
  access?.impersonateServiceAccount?.split(',').at(-1) ?? access?.credentialsFile?.serviceAccount ?? account
