import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { inOrder } from '../in-order.ts'
import { type Ended, finish, folderOf, makeDesk, root } from './cli.ts'

inOrder()

const desk = makeDesk()
const limit = { timeout: 240_000 }

/** Nothing of these runs may leave the machine: they have a network of their own, with nothing in it. */
const alone = [join(folderOf('unshare'), 'unshare'), '--map-root-user', '--net']

beforeAll(async () => {
  const { exit, stderr } = await finish([...alone, 'true'], root, desk.environment)
  if (exit !== 0)
    throw new Error(
      `These tests run \`breakglass run\` without a network, and ${alone.join(' ')} can't do that here: ${stderr}`,
    )
})

/** Runs against the real cloud, as far as it would get without a network. */
const runLive = (environment: Record<string, string>, ...more: string[]): Promise<Ended> =>
  desk.breakglass(
    [
      ...['run', 'secret-parity', 'access-posture', 'runtime-identity', '--env', 'prod'],
      ...['--incident', 'INC-9', '--reason', 'a test', '--yes', '--logs', desk.logs, ...more],
    ],
    { before: alone, environment },
  )

/** A home folder in which somebody is logged in to gcloud, as far as gcloud's own files tell. */
function homeWithLogin(name: string, settings = ''): string {
  const home = join(desk.folder, name)
  const gcloud = join(home, '.config', 'gcloud')
  mkdirSync(join(gcloud, 'configurations'), { recursive: true })
  writeFileSync(join(home, 'token'), 'not-a-real-token')
  writeFileSync(join(gcloud, 'active_config'), 'default')
  writeFileSync(
    join(gcloud, 'configurations', 'config_default'),
    `[core]\naccount = someone@example.com\n[auth]\naccess_token_file = ${join(home, 'token')}\n${settings}`,
  )
  return home
}

/** It stopped with one message, two sentences that fit on a screen, and left nothing behind. */
function expectStopped({ exit, stdout, stderr }: Ended, missing: RegExp, whatToDo: RegExp): void {
  const lines = stderr.trimEnd().split('\n')
  expect(lines, stderr).toHaveLength(2)
  expect(lines[0]).toMatch(missing)
  expect(lines[1]).toMatch(whatToDo)
  expect(stdout).toBe('')
  expect(exit).toBe(1)
  expect(existsSync(desk.logs) ? readdirSync(desk.logs) : []).toEqual([])
}

test('without gcloud, a run stops and says what to install', limit, async () => {
  const programs = join(desk.folder, 'programs')
  mkdirSync(programs)
  const ended = await runLive({ PATH: `${dirname(process.execPath)}:${programs}` })
  expectStopped(ended, /gcloud is not installed, or it is not on PATH/i, /install the Google Cloud SDK/i)
})

test('without a login, a run stops and says how to log in', limit, async () => {
  expectStopped(await runLive({}), /not logged in to gcloud/i, /gcloud auth login/)
})

test('without a network, a run stops and says to look at it', limit, async () => {
  const ended = await runLive({ HOME: homeWithLogin('home-with-login') })
  expectStopped(ended, /cannot reach Google Cloud/i, /check the network/i)
})

test("a login and settings of the caller's environment do not count", limit, async () => {
  const ended = await runLive({
    CLOUDSDK_CORE_ACCOUNT: 'someone@example.com',
    CLOUDSDK_AUTH_ACCESS_TOKEN: 'not-a-real-one',
  })
  expectStopped(ended, /not logged in to gcloud/i, /gcloud auth login/)
})

test("gcloud's own configuration may not redirect a run", limit, async () => {
  const home = homeWithLogin('home-with-proxy', '[proxy]\ntype = http\naddress = 127.0.0.1\nport = 9\n')
  expectStopped(
    await runLive({ HOME: home }),
    /redirects commands \(.*proxy\/address/,
    /gcloud config unset proxy\/address/,
  )
})
