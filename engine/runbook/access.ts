/**
 * How people reach Google Cloud where their machine can't do it by itself, or as somebody else: what an environment of the
 * inventory names, or a flag for one run. Paths are as they were written until a command resolves them.
 */
export type Access = {
  /** `http://HOST:PORT` or `socks5://HOST:PORT`. */
  proxy?: string
  /** Hosts that http checks and scripts reach without the proxy; gcloud only asks Google, and that through it. */
  noProxy?: string[]
  /** PEM certificates of the authorities to trust, in the place of the usual ones. */
  caFile?: string
  /** A workload identity configuration: it names where a token comes from, and holds no key. */
  credentialsFile?: string
  account?: string
  /** The named configuration of gcloud. */
  configuration?: string
  /** One service account, or a delegation chain, comma-separated, the impersonated one last. */
  impersonateServiceAccount?: string
}

/** A file that was used for access: its name and the SHA-256 of its bytes. */
export type AccessFile = { name: string; digest: string }

/** The access that a run used, as its log and a saved plan keep it. */
export type AccessUsed = Omit<Access, 'caFile' | 'credentialsFile'> & {
  caFile?: AccessFile
  /** `serviceAccount` is the one that the file itself impersonates. */
  credentialsFile?: AccessFile & { serviceAccount?: string }
}

/** Each member of an access with the flag that names it for one run. */
export const ACCESS_FLAGS = {
  proxy: '--proxy',
  caFile: '--ca-file',
  credentialsFile: '--credentials-file',
  account: '--account',
  configuration: '--configuration',
  impersonateServiceAccount: '--impersonate-service-account',
} as const satisfies { [name in Exclude<keyof Access, 'noProxy'>]: string }

/** What is wrong with a value, and what to do; never with the value itself, which may hold a password. */
export type AccessFlaw = { message: string; hint: string }

const HOST = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])`
const PROXY = new RegExp(`^(http|socks5)://(${HOST}):([1-9][0-9]{0,4})/?$`)
const BYPASSED = new RegExp(`^\\.?${HOST}$`)
const SERVICE_ACCOUNT = /^[a-z0-9][a-z0-9-]*@[a-z0-9][a-z0-9.-]*\.gserviceaccount\.com$/
const ACCOUNT = /^(?:[^\s@,:/]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|principal:\/\/[A-Za-z0-9._~:/@%+=-]+)$/
const CONFIGURATION = /^[a-z][a-z0-9-]*$/

/** Returns what is wrong with one member of an access, by its form alone. */
export function accessFlaw(name: keyof Access, value: string | string[]): AccessFlaw | undefined {
  switch (name) {
    case 'proxy':
      return proxyFlaw(String(value))
    case 'noProxy': {
      const wrong = [value].flat().find((host) => !BYPASSED.test(host))
      if (wrong === undefined) return undefined
      return {
        message: 'a host that is reached without the proxy is written HOST or .DOMAIN',
        hint: wrong === '*' ? 'leave out `proxy`, then none is used' : 'write it like .corp.example',
      }
    }
    case 'caFile':
    case 'credentialsFile':
      return String(value).trim() === '' || /[\0\r\n]/.test(String(value))
        ? { message: 'a file is named by its path', hint: 'give the path of the file' }
        : undefined
    case 'account':
      return ACCOUNT.test(String(value))
        ? undefined
        : { message: 'this is not an account', hint: 'write its email address; `gcloud auth list` shows yours' }
    case 'configuration':
      return CONFIGURATION.test(String(value))
        ? undefined
        : {
            message: 'this is not the name of a gcloud configuration',
            hint: '`gcloud config configurations list` shows yours',
          }
    case 'impersonateServiceAccount':
      return String(value)
        .split(',')
        .every((one) => SERVICE_ACCOUNT.test(one))
        ? undefined
        : {
            message: 'this is not the email address of a service account',
            hint: 'write it like NAME@PROJECT.iam.gserviceaccount.com; a delegation chain is comma-separated, without spaces',
          }
  }
}

function proxyFlaw(text: string): AccessFlaw | undefined {
  const [, , , port] = PROXY.exec(text) ?? []
  if (port !== undefined && Number(port) <= 65_535) return undefined
  if (text.includes('@'))
    return {
      message: "the proxy's address holds a user name or a password, which every process of this machine could read",
      hint: 'write it without; where the proxy asks for a login, run a local relay that logs in (such as px or cntlm) and name that, or have the proxy admit this machine',
    }
  if (/^(https|socks|socks4a?|socks5h):/i.test(text))
    return {
      message: "gcloud can't use a proxy of this kind",
      hint: 'write http://HOST:PORT (the address is http even where the requests are https), or socks5://HOST:PORT',
    }
  return { message: 'this is not the address of a proxy', hint: 'write it like http://proxy.corp.example:3128' }
}

/** Returns what is wrong with an access as a whole: members that exclude each other, or have no use alone. */
export function accessConflict({ account, credentialsFile, proxy, noProxy }: Access): AccessFlaw | undefined {
  if (account !== undefined && credentialsFile !== undefined)
    return {
      message: 'an account and a credentials file are both named, and gcloud would ignore the account',
      hint: 'name one of the two',
    }
  if (noProxy !== undefined && proxy === undefined)
    return { message: 'noProxy is named without a proxy', hint: 'add `proxy`, or leave out `noProxy`' }
  return undefined
}

/** What a flag says to name nothing for one run, whatever the inventory names. */
export const NO_ACCESS = 'none'

/** Returns the inventory's access with what flags name for this run; who a flag logs in as replaces who the inventory does. */
export function withFlags(inventory: Access = {}, flags: Access): Access {
  const { account, credentialsFile, noProxy, ...rest } = inventory
  const login = flags.account === undefined && flags.credentialsFile === undefined ? { account, credentialsFile } : {}
  const all = { ...rest, ...(flags.proxy === NO_ACCESS ? {} : { noProxy }), ...login, ...flags }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== NO_ACCESS))
}

/** Where a proxy listens. */
export function proxyAt(proxy: string): { type: 'http' | 'socks5'; host: string; port: number } {
  const [, type, host = '', port] = PROXY.exec(proxy) ?? []
  return { type: type === 'socks5' ? 'socks5' : 'http', host, port: Number(port) }
}

/** Returns gcloud's own properties for an access, by section and name; `gcloud config list` reports them by the same names. */
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

/** Returns the variables by which gcloud takes an access: what they set goes before any configuration file. */
export const gcloudVariables = (access: Access = {}): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(accessProperties(access)).map(([name, value]) => [
      `CLOUDSDK_${name.replace('/', '_').toUpperCase()}`,
      value,
    ]),
  ),
  ...defined({ CLOUDSDK_ACTIVE_CONFIG_NAME: access.configuration }),
})

/** Returns the variables by which the usual tools and client libraries in a team's script take an access, in addition to gcloud's. */
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

/** How each kind of a caller's variable is named on purpose; the first that fits counts. */
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

/** Returns how to name on purpose what a variable or a setting of gcloud (`proxy/address`) does; undefined where it can't be named, or is. */
export function namedOnPurpose(what: string, access: Access = {}): string | undefined {
  const variable = what.includes('/') ? `CLOUDSDK_${what.replace('/', '_').toUpperCase()}` : what
  const name = NAMED_BY.find(([pattern]) => pattern.test(variable))?.[1]
  if (name === undefined || access[name] !== undefined) return undefined
  const inInventory = `\`access.${name}\` in the inventory`
  return name === 'noProxy' ? inInventory : `${ACCESS_FLAGS[name]} or ${inInventory}`
}

/** Describes an access after "Google Cloud is reached …", its members in the order in which a request meets them; none is "directly". */
export function describeAccess(used: AccessUsed | undefined): string {
  const { proxy, noProxy, caFile, credentialsFile, account, configuration, impersonateServiceAccount } = used ?? {}
  const file = ({ name, digest }: AccessFile) => `${name} (${digest.slice(0, 'sha256:'.length + 12)})`
  const parts = [
    ...(proxy === undefined ? [] : [`through the proxy ${proxy}`]),
    ...(noProxy === undefined ? [] : [`with http checks and scripts past it to ${noProxy.join(', ')}`]),
    ...(caFile === undefined ? [] : [`trusting the certificates of ${file(caFile)}`]),
    ...(configuration === undefined ? [] : [`with the gcloud configuration ${configuration}`]),
    ...(credentialsFile === undefined ? [] : [`with the workload identity configuration ${file(credentialsFile)}`]),
    ...(account === undefined ? [] : [`as ${account}`]),
    ...(impersonateServiceAccount === undefined ? [] : [`impersonating ${impersonateServiceAccount}`]),
  ]
  return parts.length === 0 ? 'directly, with what gcloud itself is set to' : parts.join(', ')
}

/** Returns the identity that Google's own logs show for commands of an account with this access. */
export const actingAs = (account: string, access: AccessUsed | undefined): string =>
  access?.impersonateServiceAccount?.split(',').at(-1) ?? access?.credentialsFile?.serviceAccount ?? account
