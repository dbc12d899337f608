import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { makeWorkspace } from '../command-line/workspace.ts'

const main = fileURLToPath(new URL('../../engine/breakglass.js', import.meta.url))

const inventory = `apiVersion: breakglass/v1
kind: Inventory
metadata: { name: shop }
environments:
  prod: { project: acme-prod, region: us-central1 }
`
const runbook = `apiVersion: breakglass/v1
kind: Runbook
metadata:
  name: start-database
  title: Start a stopped database
  description: The orders database was stopped, and the shop cannot take orders.
  risk: high
steps:
  - id: activation
    title: Start the orders database
    description: The shop takes orders again.
    observe:
      gcloud: [sql, instances, describe, orders]
      select: { activationPolicy: "\${{ result.settings.activationPolicy }}" }
    expect: { activationPolicy: ALWAYS }
    apply:
      gcloud: [sql, instances, patch, orders, --activation-policy=ALWAYS]
    undo:
      gcloud: [sql, instances, patch, orders, "--activation-policy=\${{ before.activationPolicy }}"]
    record: Started the orders database.
`
const scenario = `apiVersion: breakglass/v1
kind: Scenario
metadata: { name: stopped, title: A stopped database }
inventory: ../inventory.yaml
rehearsal: { runbooks: [start-database], environment: prod, reason: The database is stopped. }
projects:
  acme-prod: { number: '100000000001' }
resources:
  - api: sqladmin
    path: projects/acme-prod/instances/orders
    body: { settings: { activationPolicy: NEVER } }
faults:
  - { on: { service: sqladmin, method: sql.instances.patch, resource: orders }, answer: { drop: after } }
`

test('a runbook for a product that only the SDK describes is rehearsed, and undone', { timeout: 300_000 }, async () => {
  const { folder, environment, write } = makeWorkspace()
  rmSync(join(folder, 'runbooks'), { recursive: true })
  mkdirSync(join(folder, 'runbooks', 'scenarios'), { recursive: true })
  write('runbooks/inventory.yaml', inventory)
  write('runbooks/start-database.yaml', runbook)
  write('runbooks/scenarios/stopped.yaml', scenario)
  const run = (...argv: string[]) =>
    new Promise<string>((resolve) => {
      const env = { ...environment, PATH: `${environment.PATH}:${process.env.PATH}`, HOME: folder }
      const child = execFile(process.execPath, [main, ...argv], { env, cwd: folder }, (error, stdout, stderr) =>
        resolve(`${stdout}${stderr}exit ${error ? error.code : 0}`.replaceAll(/\s+/g, ' ')),
      )
      child.stdin?.end()
    })

  const rehearsed = await run('rehearse', 'stopped', '--yes')
  expect(rehearsed).toContain('Start the orders database')
  expect(rehearsed).toContain(
    'The sandbox answered by what all Google APIs share, not by a model: sql.instances.patch.',
  )
  expect(rehearsed).toMatch(/exit 0$/)

  const breakglass = `"${process.execPath}" "${main}"`
  const both = `${breakglass} run start-database --env prod --incident db-1 --reason r --yes && ${breakglass} undo db-1 --yes`
  const shown = 'gcloud sql instances describe orders --project=acme-prod --format="value(settings.activationPolicy)"'
  const undone = await run('sandbox', 'stopped', '--requests', 'requests.jsonl', '--', 'sh', '-c', `${both}; ${shown}`)
  expect(undone).toMatch(/NEVER.*exit 0$/)
  const requests = readFileSync(join(folder, 'requests.jsonl'), 'utf8')
  expect(requests).toMatch(/"rpc":"sql.instances.patch".*"answered":"generic"/)
})
