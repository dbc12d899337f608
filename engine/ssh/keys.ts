import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { readPublicKey } from '../approval/ssh-signature.ts'
import { identityOf } from '../audit/signature.ts'
import { personalGitSetting } from '../git/git.ts'
import { runSsh, type SshHost } from './keygen.ts'

/**
 * A key that somebody can sign with: a file (private, or public with the private half in the agent or a hardware key), or the
 * line of a public key whose private half is in the agent. `blob` is its public part, if it is known before signing.
 */
export type OwnKey = { name: string; blob?: string } & ({ file: string } | { line: string })

/** Returns the key in a given file. */
export async function keyOfFile(file: string, name: string): Promise<OwnKey> {
  const text = await readFile(file.endsWith('.pub') ? file : `${file}.pub`, 'utf8').catch(() => '')
  const blob = readPublicKey(text)?.blob
  return { name, file, ...(blob === undefined ? {} : { blob }) }
}

/** Returns the key that git signs with, if it signs with SSH keys. */
export async function keyOfGit(host: SshHost): Promise<OwnKey | undefined> {
  const [format, named] = [await gitSetting('gpg.format', host), await gitSetting('user.signingkey', host)]
  if (format !== 'ssh' || named === '') return undefined
  const literal = readPublicKey(named.replace(/^key::/, ''))
  if (literal === undefined) return keyOfFile(resolve(host.cwd, named), named)
  return { name: describeKey(literal), line: named.replace(/^key::/, ''), blob: literal.blob }
}

/** Reads one of the person's own git settings, with `~` in a path resolved; empty if it isn't set. A checkout's settings are ignored. */
export const gitSetting = (name: string, { cwd, environment }: SshHost): Promise<string> =>
  personalGitSetting(name, cwd, environment)

/** Returns the agent's keys, then those that ssh itself would try, without duplicates. */
export async function defaultKeys(host: SshHost): Promise<OwnKey[]> {
  const agent = await runSsh('ssh-add', ['-L'], host)
  const offered = (agent.exitCode === 0 ? agent.stdout : '').split('\n').flatMap((line): OwnKey[] => {
    const key = readPublicKey(line)
    return key ? [{ name: describeKey(key), line, blob: key.blob }] : []
  })
  const folder = join(host.environment.HOME ?? '', '.ssh')
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^id_[a-z0-9_]+\.pub$/.test(name)).sort()
  const files = await Promise.all(names.map((name) => keyOfFile(join(folder, name), join('~/.ssh', name))))
  return [...new Map([...files, ...offered].map((key) => [key.blob, key])).values()]
}

const describeKey = ({ fingerprint, comment }: { fingerprint: string; comment: string }): string =>
  comment === '' ? fingerprint : `${comment} (${fingerprint})`

/** The key that checkpoints are signed with, where it was configured, and its holder's name. */
export type SigningKey = { key: OwnKey; from: string; identity: string }

/** Finds the key to sign checkpoints with, on the command line, in the environment or in git's settings, in this order; undefined if there is none. */
export async function findSigningKey(
  given: string | undefined,
  operator: string,
  variables: Readonly<Record<string, string | undefined>>,
  host: SshHost,
): Promise<SigningKey | undefined> {
  const named = given ?? variables.BREAKGLASS_SIGN_KEY
  const from = given !== undefined ? '--sign-key' : named ? 'BREAKGLASS_SIGN_KEY' : "git's user.signingkey"
  const file = named && resolve(host.cwd, fromHome(named, variables))
  const key = file ? await keyOfFile(file, file) : await keyOfGit(host)
  return key && { key, from, identity: identityOf((await gitSetting('user.email', host)) || operator) }
}

const fromHome = (path: string, { HOME }: Readonly<Record<string, string | undefined>>): string =>
  path.startsWith('~/') ? join(HOME || homedir(), path.slice(2)) : path
