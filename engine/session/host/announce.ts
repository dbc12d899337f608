import { printable } from '../../base/printable.ts'
import { describeAccess } from '../../runbook/access.ts'
import { drawnProgress, type Progress, plainProgress } from '../../terminal/progress.ts'
import { painter, wrap } from '../../terminal/screen.ts'
import type { Print } from './output.ts'
import type { Cloud, Runtime } from './runtime.ts'

/** Returns progress that is drawn on a terminal, and plain lines elsewhere. */
export const progressFor = (json: boolean | undefined, print: Print, runtime: Runtime): Progress =>
  runtime.terminal.interactive && !json
    ? drawnProgress(runtime.footer, { ...runtime.terminal, print, now: runtime.now, stopping: runtime.stopping })
    : plainProgress(print, runtime.terminal.colour)

/** Prints whether the cloud is real or simulated, and what else the person should know about it. */
export function announce(cloud: Cloud, print: Print, runtime: Runtime): void {
  const paint = painter(runtime.terminal.colour)
  const notice = (text: string) => print(paint('notice', wrap(text, runtime.terminal.columns, '')))
  print(paint(cloud.name.kind, wrap(announcement(cloud.name), runtime.terminal.columns, '')))
  if (cloud.gcloud.kind === 'fake')
    notice('gcloud is not installed. Breakglass runs its fake gcloud instead, which is for rehearsals only.')
  if (cloud.access) notice(printable(`Google Cloud is reached ${describeAccess(cloud.access)}.`))
  // The second line of an indented notice is indented further, so that it doesn't look like another item of the list.
  const indent = (text: string) => (text.startsWith(' ') ? '    ' : '')
  for (const each of cloud.notices) print(paint('warn', wrap(each, runtime.terminal.columns, indent(each))))
}

function announcement(name: Cloud['name']): string {
  switch (name.kind) {
    case 'live':
      return 'LIVE: the real Google Cloud.'
    case 'sandbox':
      return `SANDBOX ${name.scenario}: a simulated Google Cloud, nothing here is real.`
  }
}
