import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Runner } from '../../engine/gcloud/ended.ts'
import { startWarm, type Warm } from '../../engine/gcloud/warm/warm.ts'
import type { GcloudCall } from '../../engine/steps/world.ts'

/** The program that gcloud's launcher starts in a warm gcloud. */
export const program = fileURLToPath(new URL('../../engine/gcloud/warm/warm.py', import.meta.url))

/** The toy's commands, by the first argument. */
const COMMANDS = `
import os, signal, subprocess, sys, threading, time
def out(data): sys.stdout.buffer.write(data); sys.stdout.buffer.flush()
def main(cli=None):
  word, rest = sys.argv[1], sys.argv[2:]
  if word == 'words': print(*sys.argv, sep='\\n')
  elif word == 'environment': print(*sorted(k + '=' + v for k, v in os.environ.items() if k not in ('PWD', 'OLDPWD', 'SHLVL', '_')), sep='\\n')
  elif word == 'where': print(os.getcwd(), sys.path[0], sys.modules['__main__'].__file__)
  elif word == 'descriptors': print(*sorted(os.listdir('/proc/self/fd')))
  elif word == 'echo': out(sys.stdin.buffer.read())
  elif word == 'print': out(b'x' * int(rest[0])); sys.stderr.write('y' * int(rest[1]))
  elif word == 'exit': sys.exit(int(rest[0]))
  elif word == 'say': sys.exit('ERROR: ' + rest[0])
  elif word == 'raise': raise ValueError('on purpose')
  elif word == 'abort': os.abort()
  elif word == 'unflushed': sys.stdout.write('kept'); sys.stderr.write('kept too')
  elif word == 'thread': threading.Thread(target=lambda: (time.sleep(0.2), print('the thread ended'))).start()
  elif word == 'signal': time.sleep(0.1); os.kill(os.getpid(), int(rest[0])); time.sleep(5)
  elif word == 'hang':
    child = subprocess.Popen(['/bin/sh', '-c', 'exec sleep 600'])
    with open(rest[0] + '.part', 'w') as file: file.write(str(child.pid))
    os.rename(rest[0] + '.part', rest[0])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print('hanging', flush=True)
    time.sleep(600)
  elif word == 'parent': print(os.getppid())
  elif word == 'note':
    with open(rest[0], 'a') as file: file.write('did it\\n')
    time.sleep(float(rest[1])); print(os.getppid())
  elif word == 'until':
    open(rest[0] + '.begun', 'w').close()
    while not os.path.exists(rest[0]): time.sleep(0.01)
    print(rest[0])
  elif word == 'sleep': time.sleep(float(rest[0])); print(rest[0])
`

/** Writes an SDK with gcloud's layout and a few commands of its own; `loading` is the code that runs while it is imported. */
export function makeToySdk(folder: string, { loading = '', version = '528.0.0' } = {}): string {
  const files = {
    'bin/gcloud': '#!/bin/sh\nexec python3 $CLOUDSDK_PYTHON_ARGS "${0%/bin/*}/lib/gcloud.py" "$@"\n',
    'lib/gcloud.py': `import os, sys
if os.path.dirname(__file__) not in sys.path: sys.path.insert(0, os.path.dirname(__file__))
def reorder_sys_path(path): return path
def _fix_google_module(): pass
def _import_gcloud_main():
  import googlecloudsdk.gcloud_main
  return googlecloudsdk.gcloud_main
if __name__ == '__main__': sys.exit(_import_gcloud_main().main())
`,
    'lib/googlecloudsdk/gcloud_main.py': `${loading}\ndef CreateCLI(surfaces): return None\n${COMMANDS}`,
    'lib/googlecloudsdk/core/config.py': `CLOUD_SDK_VERSION = '${version}'\n`,
    'lib/googlecloudsdk/core/configurations/named_configs.py':
      'class ActivePropertiesFile:\n  @staticmethod\n  def Invalidate(): pass\n',
    'lib/googlecloudsdk/core/util/keyboard_interrupt.py':
      'import signal\ndef InstallHandler(): signal.signal(signal.SIGINT, signal.default_int_handler)\n',
    VERSION: '528.0.0\n',
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  chmodSync(join(folder, 'bin/gcloud'), 0o755)
  return join(folder, 'bin', 'gcloud')
}

/** The only environment that the toy's commands get. */
export const environment = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }

/** Runs the toy's commands, and records their processes. */
export function runnerOf(path: string): Runner & { children: string[]; pids: number[] } {
  const children: string[] = []
  const pids: number[] = []
  return {
    path,
    environment,
    endGroup: end,
    children,
    pids,
    onChild(change, pid) {
      children.push(change)
      pids.push(pid)
    },
  }
}

export function end(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {}
}

/** Starts a warm gcloud with a toy SDK. */
export const warmUp = (launcher: string, commands: string[][] = []): Warm =>
  startWarm({ launcher, program, version: '528.0.0', environment, commands, endGroup: end })

/** Returns a call of one command, without the engine's own flags. */
export const callOf = (argv: string[], more: Partial<GcloudCall> = {}): GcloudCall => ({
  argv,
  project: '',
  timeoutMs: 20_000,
  ...more,
})
