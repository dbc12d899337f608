import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { identityOf } from '../audit/signature.ts'
import type { SshHost } from './keygen.ts'
import { gitSetting, keyOfFile, keyOfGit, type OwnKey } from './keys.ts'

/** The key that checkpoints are signed with, where it was named, and the name of who holds it. */
export type SigningKey = { key: OwnKey; from: string; identity: string }

/** Finds the key that checkpoints are to be signed with: named on the command line, else in the environment, else in git's settings; undefined where none is. */
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
