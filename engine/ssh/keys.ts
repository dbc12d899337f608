import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readPublicKey } from '../approval/ssh-signature.ts'
import { personalGitSetting } from '../git/git.ts'
import { runSsh, type SshHost } from './keygen.ts'

/**
 * A key that somebody can sign with: a file (private, or public with the private half in the agent or a hardware key),
 * or a public key's line, whose private half the agent has. `blob` is its public part, where it is known before it signs.
 */
export type OwnKey = { name: string; blob?: string } & ({ file: string } | { line: string })

/** The key of a file that was named. */
export async function keyOfFile(file: string, name: string): Promise<OwnKey> {
  const text = await readFile(file.endsWith('.pub') ? file : `${file}.pub`, 'utf8').catch(() => '')
  const blob = readPublicKey(text)?.blob
  return { name, file, ...(blob === undefined ? {} : { blob }) }
}

/** The key that git signs with, where it signs with SSH keys. */
export async function keyOfGit(host: SshHost): Promise<OwnKey | undefined> {
  const [format, named] = [await gitSetting('gpg.format', host), await gitSetting('user.signingkey', host)]
  if (format !== 'ssh' || named === '') return undefined
  const literal = readPublicKey(named.replace(/^key::/, ''))
  if (literal === undefined) return keyOfFile(resolve(host.cwd, named), named)
  return { name: describeKey(literal), line: named.replace(/^key::/, ''), blob: literal.blob }
}

/** A setting of the person's own git, with a path's `~` resolved; empty where there is none. What a checkout sets counts for nothing. */
export const gitSetting = (name: string, { cwd, environment }: SshHost): Promise<string> =>
  personalGitSetting(name, cwd, environment)

/** The keys that the agent offers, then those that ssh itself would try, each once. */
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
