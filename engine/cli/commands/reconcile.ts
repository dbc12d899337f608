import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import type { Workspace } from '../../disk/workspace.ts'
import { classifyChanges } from '../../reconcile/classify-changes.ts'
import type { LoggedChange } from '../../reconcile/cloud-change.ts'
import { intentsIn, resourcesOf } from '../../reconcile/intents.ts'
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
import { emit, type Print, printer } from '../../session/host/output.ts'
import type { Cloud, CloudChoice, Runtime } from '../../session/host/runtime.ts'
import { type LockedIncident, withLoggedIncident } from '../../session/locks/locked-incident.ts'
import { addToLog } from '../../session/log/add-to-log.ts'
import { accessFor } from '../../session/prepare/access.ts'
import { refuseOtherSandbox, refuseOtherWorld } from '../../session/prepare/from-log.ts'
import { wrap } from '../../terminal/screen.ts'
import type { Context } from '../command.ts'
import { addIncidentOptions, takeOverOption } from '../options.ts'

type ReconcileOptions = CommonOptions & AccessOptions & { sandbox?: string; takeOver?: boolean }

/** `breakglass reconcile INCIDENT`: compares Cloud Audit Logs with the incident's log; exits 3 if they differ. */
export function define(command: Command, { runtime, exit }: Context): void {
  addIncidentOptions(command)
    .addOption(takeOverOption())
    .action(async (incident: string, options: ReconcileOptions) => exit(await start(incident, options, runtime)))
}

async function start(incident: string, options: ReconcileOptions, runtime: Runtime): Promise<number> {
  const print = printer(options.json, runtime)
  return withLoggedIncident(
    { ...options, incident, env: '' },
    logsFolder(options, runtime),
    runtime,
    async (locked) => {
      const runs = foldRuns(locked.log.entries)
      const last = runs.at(-1)
      if (!last) throw await noSuchIncident(logsFolder(options, runtime), incident)
      const workspace = workspaceFor(options, runtime)
      const choice = await chooseCloud(options.sandbox, workspace, runtime)
      refuseOtherWorld(last, choice)
      const projects = projectsOf(locked, runs)
      const [project] = projects
      if (project === undefined) return nothingToCompare(incident, runs, options, runtime)
      // For so few commands, keeping gcloud loaded does not pay.
      const access = await accessOf(last, choice, options, workspace, runtime)
      const cloud = await runtime.openCloud(choice, { strict: false, cold: true, project, ...access })
      try {
        refuseOtherSandbox(last, cloud)
        announce(cloud, print, runtime)
        const window = windowOf(runs, runtime.now())
        const body = { by: runtime.operator, ...(await reconcile(locked, runs, projects, window, cloud)) }
        await addToLog(locked, [{ run: last.run, event: { type: 'cloud.reconciled', body } }], cloud, print, runtime)
        report(body, locked, isEarly(window, runtime.now()), (text) =>
          print(wrap(printable(text), runtime.terminal.columns, '')),
        )
        const exitCode =
          body.others.length + body.notShown.length + (body.contradicted ?? []).length > 0 ? EXIT.drift : EXIT.done
        if (options.json) emit({ incident, ...body, exitCode }, runtime)
        return exitCode
      } finally {
        await cloud.close()
      }
    },
  )
}

/** Returns how to reach the real cloud, from the inventory if there is one; what to compare comes from the log alone. */
async function accessOf(
  { plan }: RunState,
  choice: CloudChoice,
  options: ReconcileOptions,
  workspace: Workspace,
  runtime: Runtime,
): Promise<{ access?: Access }> {
  const wanted = choice.kind === 'live' && (options.inventory !== undefined || existsSync(workspace.inventory))
  const inventory = wanted ? await loadInventory(options.inventory, undefined, workspace, runtime.cwd) : undefined
  return accessFor(plan?.environment.name, inventory, options, runtime)
}

function nothingToCompare(incident: string, runs: RunState[], { json }: ReconcileOptions, runtime: Runtime): number {
  const steps = runs.flatMap((run) => [...run.steps.values()])
  const unread = steps.filter(({ planned }) => planned.status === 'unknown').length
  printer(
    json,
    runtime,
  )(
    unread === 0
      ? 'Nothing to compare: nothing was changed or had to be changed.'
      : `Nothing to compare: no change was started. ${unread} of ${steps.length} steps could not be read, so it is unknown whether they had to be changed.`,
  )
  if (json) emit({ incident, read: [], ours: [], others: [], notShown: [], exitCode: EXIT.done }, runtime)
  return EXIT.done
}

/** Returns the projects in which something was changed or had to be changed. */
const projectsOf = ({ log }: LockedIncident, runs: RunState[]): string[] => [
  ...new Set(resourcesOf(runs, intentsIn(log.entries, runs)).map(({ project }) => project)),
]

async function reconcile(
  { log }: LockedIncident,
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
    ...classifyChanges(
      logs.flatMap(({ changes }) => changes),
      intents,
      resourcesOf(runs, intents),
    ),
  }
}

/** Returns what was read. Throws UserError if it could not be read: a partial comparison would mislead. */
function read(project: string, log: AuditLog): { changes: LoggedChange[]; entries: number } {
  if (!('failed' in log)) return log
  throw new UserError(
    `cannot read the Cloud Audit Logs of ${project}: ${log.failed}`,
    log.denied
      ? `your account needs the permission logging.logEntries.list in ${project} (roles/logging.viewer has it); nothing was added to the log`
      : 'fix that, then run this again; nothing was added to the log',
    1,
  )
}

function report(body: Reconciled, { log, incident }: LockedIncident, early: boolean, print: Print): void {
  const { others, notShown, contradicted, summary } = describeReconciled(body, log.entries)
  print(summary)
  for (const { text } of others) print(`≠ ${text}`)
  for (const { text } of notShown) print(`? ${text}`)
  for (const { text } of contradicted) print(`! The cloud and this log disagree about ${text}`)
  if (early)
    print(
      `Entries of the last minutes may still be missing: run \`breakglass reconcile ${incident}\` again in ten minutes.`,
    )
  else if (notShown.length > 0)
    print('A change that the cloud does not show may still have been made: see the read-backs in the log.')
}
