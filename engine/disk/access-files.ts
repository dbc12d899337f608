import { createHash, X509Certificate } from 'node:crypto'
import { fstatSync } from 'node:fs'
import { basename } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { UserError } from '../base/problem.ts'
import { ACCESS_FLAGS, type Access, type AccessUsed } from '../runbook/access.ts'
import { describeTrouble } from './fs-errors.ts'
import { openRegular, readOpened } from './regular-file.ts'

/** The largest file that is read: 4 MiB; a bundle of all public authorities has a few hundred kilobytes. */
const LIMIT = 4 * 1024 * 1024

/** An access as a log stores it, and the certificates (PEM) to trust. */
export type ReadAccess = { used: AccessUsed; ca?: string }

/** Reads the files that an access names, after checking that they contain what they must and no key. Throws UserError. */
export function readAccess({ caFile, credentialsFile, ...access }: Access): ReadAccess {
  const ca = caFile === undefined ? undefined : readFor('caFile', caFile)
  const credentials = credentialsFile === undefined ? undefined : readFor('credentialsFile', credentialsFile)
  return {
    used: {
      ...access,
      ...(ca && { caFile: { name: ca.name, digest: ca.digest } }),
      ...(credentials && {
        credentialsFile: { name: credentials.name, digest: credentials.digest, ...readCredentials(credentials) },
      }),
    },
    ...(ca && { ca: readCertificates(ca) }),
  }
}

type Named = { what: string; path: string; name: string; digest: string; text: string }

function readFor(what: 'caFile' | 'credentialsFile', path: string): Named {
  const named = { what: `${ACCESS_FLAGS[what]} (or \`access.${what}\`)`, path }
  try {
    const file = openRegular(path)
    const shared = (fstatSync(file).mode & 0o002) !== 0
    const bytes = readOpened(file, LIMIT)
    if (shared)
      throw refusal(named, 'everybody on this machine can change it', 'check its contents, then run `chmod o-w` on it')
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    return { ...named, name: basename(path), digest, text: bytes.toString('utf8') }
  } catch (error) {
    throw error instanceof UserError ? error : refusal(named, describeTrouble(error as Error), 'check the path')
  }
}

const refusal = ({ what, path }: Pick<Named, 'what' | 'path'>, why: string, hint: string): UserError =>
  new UserError(`${what}: the file ${path} cannot be used: ${why}; nothing was changed`, hint, 2)

function readCertificates(named: Named): string {
  if (named.text.includes('PRIVATE KEY'))
    throw refusal(named, 'it contains a private key', 'use a file that contains only certificates')
  const blocks = named.text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)
  if (blocks === null)
    throw refusal(
      named,
      'it contains no certificate in PEM form',
      'ask for the CA certificates as PEM (BEGIN CERTIFICATE)',
    )
  try {
    for (const block of blocks) new X509Certificate(block)
  } catch {
    throw refusal(named, 'a certificate in it cannot be read', 'request the file again, as PEM')
  }
  return blocks.join('\n')
}

/** The addresses that a configuration sends the machine's own token to. */
const GOOGLE_URLS = ['token_url', 'token_info_url', 'service_account_impersonation_url']

/** Reads a workload identity configuration; refuses one that contains a key or leads elsewhere. */
function readCredentials(named: Named): { serviceAccount?: string } {
  const refuse = (why: string, hint: string) => refusal(named, why, hint)
  const json = jsonIn(named.text)
  if (json === undefined)
    throw refuse(
      'it is not a JSON object',
      'use the configuration that `gcloud iam workload-identity-pools create-cred-config` wrote',
    )
  const { type, credential_source: source, service_account_impersonation_url: impersonation } = json
  if (holdsKey(json))
    throw refuse(
      'it contains a secret: a private key or a refresh token',
      'use a workload identity configuration, or log in with gcloud and add --impersonate-service-account',
    )
  if (type !== 'external_account')
    throw refuse(
      'it is not a workload identity configuration (`"type": "external_account"`)',
      type === 'impersonated_service_account'
        ? 'gcloud does not read such files: use --impersonate-service-account'
        : 'use the configuration that `gcloud iam workload-identity-pools create-cred-config` wrote',
    )
  if (isJsonObject(source) && source.executable !== undefined)
    throw refuse('it starts a program to get a token', 'use one that reads the token from a file or an URL')
  const elsewhere = GOOGLE_URLS.find((name) => json[name] !== undefined && !isGoogles(json[name]))
  if (elsewhere !== undefined || (json.universe_domain ?? 'googleapis.com') !== 'googleapis.com')
    throw refuse(
      `its ${elsewhere ?? 'universe_domain'} is not googleapis.com`,
      'check where the file comes from: tokens would be sent there',
    )
  const serviceAccount = /\/serviceAccounts\/([^/:@]+@[^/:@]+):generateAccessToken$/.exec(
    String(impersonation ?? ''),
  )?.[1]
  return serviceAccount === undefined ? {} : { serviceAccount }
}

const isGoogles = (url: Json | undefined): boolean =>
  /^https:\/\/([a-z0-9-]+\.)+googleapis\.com\//.test(String(url ?? ''))

function holdsKey(value: Json): boolean {
  if (Array.isArray(value)) return value.some(holdsKey)
  if (!isJsonObject(value)) return false
  return Object.entries(value).some(
    ([name, item]) => name === 'private_key' || name === 'refresh_token' || (item !== undefined && holdsKey(item)),
  )
}

function jsonIn(text: string): JsonObject | undefined {
  try {
    const json = JSON.parse(text) as Json
    return isJsonObject(json) ? json : undefined
  } catch {
    return undefined
  }
}
