import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { identityOf } from '../audit/signature.ts'
import type { GivenEnvironment } from './ssh-keygen.ts'

/** The key that checkpoints are signed with: its file, where it was named, and the name of who holds it. */
export type SigningKey = { file: string; from: string; identity: string }

/** Where a key may be named: on the command line, else in the environment, else in git's settings. */
export type KeyWishes = { given: string | undefined; cwd: string; operator: string; scratch: string }

/** Finds the key that checkpoints are to be signed with; undefined where none is named. */
export async function findSigningKey(
  { given, cwd, operator, scratch }: KeyWishes,
  environment: GivenEnvironment,
): Promise<SigningKey | undefined> {
  const git = (name: string) => gitSetting(name, cwd, environment)
  const identity = async () => identityOf((await git('user.email')) ?? operator)
  const named = given ?? environment.BREAKGLASS_SIGN_KEY
  if (named) {
    const from = given === undefined ? 'BREAKGLASS_SIGN_KEY' : '--sign-key'
    return { file: resolve(cwd, fromHome(named, environment)), from, identity: await identity() }
  }
  if ((await git('gpg.format')) !== 'ssh') return undefined
  const key = await git('user.signingkey')
  if (key === undefined) return undefined
  const from = "git's user.signingkey"
  const literal = /^(?:key::)?((?:ssh|ecdsa|sk)-\S+ .+)$/.exec(key)?.[1]
  if (literal === undefined) return { file: resolve(cwd, fromHome(key, environment)), from, identity: await identity() }
  // The public half stands in git's settings itself; ssh-keygen takes it from a file and finds the other half in the agent.
  const file = join(scratch, 'signing-key.pub')
  await mkdir(scratch, { recursive: true, mode: 0o700 })
  await writeFile(file, `${literal}\n`, { mode: 0o600 })
  return { file, from, identity: await identity() }
}

const fromHome = (path: string, { HOME }: GivenEnvironment): string =>
  path.startsWith('~/') ? join(HOME || homedir(), path.slice(2)) : path

async function gitSetting(
  name: string,
  cwd: string,
  { PATH = '', HOME = '', XDG_CONFIG_HOME }: GivenEnvironment,
): Promise<string | undefined> {
  const result = await execa('git', ['config', '--get', name], {
    cwd,
    env: { PATH, HOME, ...(XDG_CONFIG_HOME ? { XDG_CONFIG_HOME } : {}) },
    extendEnv: false,
    reject: false,
    timeout: 10_000,
  })
  return result.exitCode === 0 && result.stdout !== '' ? result.stdout.trim() : undefined
}
