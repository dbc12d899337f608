import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { printable } from '../../base/printable.ts'
import { Problem } from '../../base/problem.ts'
import type { Workspace } from '../../disk/workspace.ts'
import { sortOut } from '../../reconcile/classify-changes.ts'
import type { LoggedChange } from '../../reconcile/cloud-change.ts'
import { intentsIn, thingsOf } from '../../reconcile/intents.ts'
import { type AuditLog, readAuditLog } from '../../reconcile/read-audit-log.ts'
import { isEarly, type Window, windowOf } from '../../reconcile/window.ts'
import { describeReconciled } from '../../record/reconciled.ts'
import type { Reconciled } from '../../run/model/events.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'
import type { RunState } from '../../run/model/run-state.ts'
import type { Access } from '../../runbook/access.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { announce } from '../../session/host/announce.ts'
import { chooseCloud } from '../../session/host/choose-cloud.ts'
import { workspaceFor } from '../../session/host/default-workspace.ts'
import { noSuchIncident } from '../../session/host/existing-incident.ts'
import { loadInventory } from '../../session/host/load.ts'
import { logsFolder } from '../../session/host/logs-folder.ts'
import type { AccessOptions, CommonOptions } from '../../session/host/options.ts'
import { emit, type Say, sayer } from '../../session/host/output.ts'
import type { Cloud, CloudChoice, Outside } from '../../session/host/runtime.ts'
import { type Held, holdLogged } from '../../session/locks/locked-incident.ts'
import { addToLog } from '../../session/log/add-to-log.ts'
import { accessFor } from '../../session/prepare/access.ts'
import { refuseOtherSandbox, refuseOtherWorld } from '../../session/prepare/from-log.ts'
import { wrap } from '../../terminal/screen.ts'
import { addAccessOptions } from '../access-options.ts'
import { makeCommand } from '../options.ts'

type ReconcileOptions = CommonOptions & AccessOptions & { sandbox?: string; takeOver?: boolean }

/** `breakglass reconcile INCIDENT`: holds Cloud Audit Logs against the incident's log; 3 where they tell of anything else. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return addAccessOptions(
    makeCommand('reconcile', "hold Cloud Audit Logs against the incident's log; exits 3 where they differ"),
  )
    .argument('<incident>', "the incident's id")
    .option('--sandbox <address>', 'where the sandbox is in which the changes were made')
    .option('--take-over', 'take over the lock of a run that was cut off; the log keeps that')
    .action(async (incident: string, options: ReconcileOptions) => exit(await start(incident, options, outside)))
}

async function start(incident: string, options: ReconcileOptions, outside: Outside): Promise<number> {
  const say = sayer(options.json, outside)
  return holdLogged({ ...options, incident, env: '' }, logsFolder(options, outside), outside, async (held) => {
    const runs = foldRuns(held.log.entries)
    const last = runs.at(-1)
    if (!last) throw await noSuchIncident(logsFolder(options, outside), incident)
    const workspace = workspaceFor(options, outside)
    const choice = await chooseCloud(options.sandbox, workspace, outside)
    refuseOtherWorld(last, choice)
    const projects = projectsOf(held, runs)
    const [project] = projects
    if (project === undefined) return nothingToLookFor(incident, runs, options, outside)
    // So few commands are not worth keeping a gcloud loaded.
    const access = await accessOf(last, choice, options, workspace, outside)
    const cloud = await outside.openCloud(choice, { strict: false, cold: true, project, ...access })
    try {
      refuseOtherSandbox(last, cloud)
      announce(cloud, say, outside)
      const window = windowOf(runs, outside.now())
      const body = { by: outside.operator, ...(await reconcile(held, runs, projects, window, cloud)) }
      await addToLog(held, [{ run: last.run, event: { type: 'cloud.reconciled', body } }], cloud, say, outside)
      tell(body, held, isEarly(window, outside.now()), (text) =>
        say(wrap(printable(text), outside.terminal.columns, '')),
      )
      const exitCode =
        body.others.length + body.notShown.length + (body.contradicted ?? []).length > 0 ? EXIT.drift : EXIT.done
      if (options.json) emit({ incident, ...body, exitCode }, outside)
      return exitCode
    } finally {
      await cloud.close()
    }
  })
}

/** The log alone says what to compare; the inventory, where there is one, only how the real cloud is reached. */
async function accessOf(
  { plan }: RunState,
  choice: CloudChoice,
  options: ReconcileOptions,
  workspace: Workspace,
  outside: Outside,
): Promise<{ access?: Access }> {
  const wanted = choice.kind === 'live' && (options.inventory !== undefined || existsSync(workspace.inventory))
  const inventory = wanted ? await loadInventory(options.inventory, undefined, workspace, outside.cwd) : undefined
  return accessFor(plan?.environment.name, inventory, options, outside)
}

function nothingToLookFor(incident: string, runs: RunState[], { json }: ReconcileOptions, outside: Outside): number {
  const steps = runs.flatMap((run) => [...run.steps.values()])
  const unread = steps.filter(({ planned }) => planned.status === 'unknown').length
  sayer(
    json,
    outside,
  )(
    unread === 0
      ? 'Nothing was changed or to be changed, so there is nothing to look for.'
      : `No change was begun, so there is nothing to look for; ${unread} of ${steps.length} steps could not be read, and whether they had to be changed is not known.`,
  )
  if (json) emit({ incident, read: [], ours: [], others: [], notShown: [], exitCode: EXIT.done }, outside)
  return EXIT.done
}

/** The projects in which something was changed or to be changed. */
const projectsOf = ({ log }: Held, runs: RunState[]): string[] => [
  ...new Set(thingsOf(runs, intentsIn(log.entries, runs)).map(({ project }) => project)),
]

async function reconcile(
  { log }: Held,
  runs: RunState[],
  projects: string[],
  window: Window,
  { world }: Cloud,
): Promise<Reconciled> {
  const logs = await Promise.all(
    projects.map(async (project) => ({ project, ...read(project, await readAuditLog(world, project, window)) })),
  )
  const intents = intentsIn(log.entries, runs)
  return {
    from: window.from.toISOString(),
    to: window.to.toISOString(),
    read: logs.map(({ project, entries }) => ({ project, entries })),
    ...sortOut(
      logs.flatMap(({ changes }) => changes),
      intents,
      thingsOf(runs, intents),
    ),
  }
}

/** What was read; where it could not be, nothing is said of anything. Throws Problem. */
function read(project: string, log: AuditLog): { changes: LoggedChange[]; entries: number } {
  if (!('failed' in log)) return log
  throw new Problem(
    `the Cloud Audit Logs of ${project} can't be read: ${log.failed}`,
    log.denied
      ? `your account needs the permission logging.logEntries.list in ${project} (roles/logging.viewer has it); nothing was added to the log`
      : 'mend that, then run this again; nothing was added to the log',
    1,
  )
}

function tell(body: Reconciled, { log, incident }: Held, early: boolean, say: Say): void {
  const { others, notShown, contradicted, summary } = describeReconciled(body, log.entries)
  say(summary)
  for (const { text } of others) say(`≠ ${text}`)
  for (const { text } of notShown) say(`? ${text}`)
  for (const { text } of contradicted) say(`! The cloud says otherwise than this log of ${text}`)
  if (early)
    say(
      `Entries of the last minutes may still be missing: run \`breakglass reconcile ${incident}\` again in ten minutes.`,
    )
  else if (notShown.length > 0)
    say('What is not shown there may have been made all the same: the read-backs in the log say what was there.')
}
