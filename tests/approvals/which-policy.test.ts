import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Protection } from '../../engine/approval/protection.ts'
import { inOrder } from '../in-order.ts'
import { ofType, sectionOf } from '../incident/cli.ts'
import { type Desk, makeDesk } from '../saved-plans/sandbox-desk.ts'
import { makeTeam } from './people.ts'

inOrder()

const limit = { timeout: 240_000 }
const desk = await makeDesk('incident-2026-02-27')
symlinkSync(execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(), desk.at('bin/git'))
const git = (...argv: string[]) =>
  execFileSync('git', ['-C', desk.folder, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...argv], {
    encoding: 'utf8',
  }).trim()
const run = (incident: string, ...more: string[]) => [
  ...['run', 'access-posture', '--env', 'prod', '--input', 'services=frontend-app', '--yes'],
  ...['--incident', incident, '--reason', 'r', ...more],
]
const protectionOf = (of: Desk, incident: string): Protection | undefined =>
  ofType(of.entries(incident), 'run.opened')[0]?.body.protection
const consentsIn = (of: Desk, incident: string) =>
  sectionOf(of.record(incident), 'Consent and Approvals').replaceAll(/\s+/g, ' ').replaceAll('\\', '')

describe('log and record say which policy applied', limit, () => {
  test('none included, by the digest of the inventory, where there is no checkout', async () => {
    expect((await desk.breakglass(...run('INC-1'))).exit).toBe(0)
    const digest = createHash('sha256')
      .update(readFileSync(desk.at('runbooks/inventory.yaml')))
      .digest('hex')
    expect(protectionOf(desk, 'INC-1')).toEqual({
      protected: true,
      inventory: `sha256:${digest}`,
      policy: 'none',
      workspace: { state: 'not-a-checkout' },
    })
    expect(consentsIn(desk, 'INC-1')).toContain(
      `No policy applied: according to the inventory (sha256:${digest}), the environment was protected, and the inventory had no policy`,
    )
    expect(consentsIn(desk, 'INC-1')).toContain('The workspace was not a git checkout')
  })

  test('with the commit of the workspace and whether it was as committed; nothing of the checkout is run for that', async () => {
    git('init', '-q')
    writeFileSync(desk.at('.gitattributes'), '* filter=evil\n')
    git('add', '.gitattributes', 'runbooks')
    git('commit', '-q', '-m', 'all')
    const commit = git('rev-parse', 'HEAD')
    writeFileSync(desk.at('evil'), `#!/bin/sh\ntouch ${desk.at('ran')}\ncat\n`)
    chmodSync(desk.at('evil'), 0o755)
    const settings = ['core.fsmonitor', 'filter.evil.clean', 'filter.evil.smudge', 'filter.evil.process']
    for (const name of settings) git('config', name, desk.at('evil'))

    expect((await desk.breakglass(...run('INC-2'))).exit).toBe(0)
    expect(protectionOf(desk, 'INC-2')?.workspace).toEqual({ state: 'clean', commit })
    expect(consentsIn(desk, 'INC-2')).toContain(
      `The workspace was at commit ${commit}, and its runbooks matched that commit`,
    )

    appendFileSync(desk.at('runbooks/gcp-drift.yaml'), '# changed\n')
    writeFileSync(desk.at('runbooks/new.yaml.txt'), 'x')
    expect((await desk.breakglass(...run('INC-3'))).exit).toBe(0)
    const workspace = { state: 'changed', commit, differs: ['runbooks/gcp-drift.yaml', 'runbooks/new.yaml.txt'] }
    expect(protectionOf(desk, 'INC-3')?.workspace).toEqual(workspace)
    expect(consentsIn(desk, 'INC-3')).toContain(
      'and these files differed from it: runbooks/gcp-drift.yaml, runbooks/new.yaml.txt',
    )
    expect(existsSync(desk.at('ran'))).toBe(false)
    for (const name of settings) git('config', '--unset', name)
  })

  test('a file that git is told to overlook is not as committed for that', async () => {
    git('rm', '-q', '-f', '.gitattributes')
    git('commit', '-q', '-m', 'no filters')
    git('checkout', '-q', '--', 'runbooks')
    rmSync(desk.at('runbooks/new.yaml.txt'))
    git('update-index', '--assume-unchanged', 'runbooks/gcp-drift.yaml')
    appendFileSync(desk.at('runbooks/gcp-drift.yaml'), '# overlooked\n')
    expect((await desk.breakglass(...run('INC-4'))).exit).toBe(0)
    expect(protectionOf(desk, 'INC-4')?.workspace).toMatchObject({ differs: ['runbooks/gcp-drift.yaml'] })
  })

  test('where git is not there to be asked, that is what it says', async () => {
    rmSync(desk.at('bin/git'))
    expect((await desk.breakglass(...run('INC-5'))).exit).toBe(0)
    expect(protectionOf(desk, 'INC-5')?.workspace).toMatchObject({ state: 'unknown' })
    expect(consentsIn(desk, 'INC-5')).toContain(
      'It is unknown whether the workspace matched its commit: git could not be run',
    )
  })
})

describe('an option that can have no effect is an error', limit, async () => {
  const team = await makeTeam()

  test.each([
    ['run', '--policy', []],
    ['run', '--override and --key', ['--override', 'x', '--key', 'k']],
    ['undo', '--policy', []],
    ['rehearse', '--policy', []],
  ])('%s with %s, where the inventory has no policy', async (command, named, options) => {
    const given = options.length > 0 ? options : ['--policy']
    const argv = {
      run: run('INC-no', ...given),
      undo: ['undo', 'INC-1', '--yes', ...given],
      rehearse: ['rehearse', 'incident-2026-02-27', '--yes', '--incident', 'INC-no', ...given],
    }[command as 'run']
    const changes = await desk.changes()
    const { exit, stderr } = await desk.breakglass(...argv)
    expect({ exit, stderr }).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(new RegExp(`${named} cannot take effect: the inventory \\S+ has no policy`)),
    })
    expect(await desk.changes()).toEqual(changes)
    expect(existsSync(desk.at('logs/INC-no'))).toBe(false)
  })

  test('--override in a rehearsal that is not held to the policy', async () => {
    const { exit, stderr } = await team.breakglass(...run('INC-no', '--override', 'x'))
    expect({ exit, stderr }).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining(
        '--override cannot take effect: the policy does not apply to this run in a sandbox',
      ),
    })
  })

  test('and such a rehearsal says that the policy was not applied', async () => {
    const ended = await team.breakglass(...run('INC-1'))
    expect(ended.exit, ended.stdout + ended.stderr).toBe(0)
    expect(protectionOf(team, 'INC-1')?.policy).toMatchObject({ applied: false, needs: { high: [{}, {}] } })
    expect(consentsIn(team, 'INC-1')).toContain(
      'The policy was not applied because this was a rehearsal without --policy',
    )
  })
})
