import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How a program ended in a namespace, and how many packets left it meanwhile other than by loopback. */
export type Left = { exit: number; output: string; packets: number; askedForMetadata: number }

/**
 * An isolated network with one way out: to a neighbour that answers as a cloud machine's metadata server, and that is also
 * the name server and the default gateway. Everything sent there is counted, including address lookups (ARP, DNS). IPv6 has
 * no way out.
 */
export type Namespace = {
  run(argv: string[], environment: Record<string, string>, cwd: string): Promise<Left>
  close(): void
}

/** How long, in ms, nothing must leave after a program and its connections have ended. */
const QUIET_MS = 1000

const NSENTER = execFileSync('sh', ['-c', 'command -v nsenter || echo nsenter'], { encoding: 'utf8' }).trim()

/** Returns why no such network can be created here; undefined if it can. */
export function whyNoNamespace(): string | undefined {
  for (const program of ['ip', 'unshare', 'nsenter', 'mount'])
    try {
      execFileSync('sh', ['-c', `command -v ${program}`])
    } catch {
      return `${program} is not installed (Debian: iproute2, util-linux)`
    }
  try {
    execFileSync('unshare', ['-n', '-m', 'sh', '-c', 'ip link add name one type veth peer name two'], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `no network namespace can be made: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`
  }
}

const METADATA = `
const { appendFileSync } = require('node:fs')
require('node:http').createServer((request, response) => {
  appendFileSync(process.argv[2], request.url + '\\n')
  response.setHeader('Metadata-Flavor', 'Google')
  response.end(request.url.endsWith('numeric-project-id') ? '123456789012' : request.url.endsWith('email') ? 'machine@far.iam.gserviceaccount.com' : 'far')
}).listen(80, '169.254.169.254', () => console.log('ready'))
`

/** Creates the network; its files are in a folder of the test. */
export async function makeNamespace(folder: string): Promise<Namespace> {
  const asked = join(folder, 'asked-for-metadata')
  const server = join(folder, 'metadata.cjs')
  writeFileSync(server, METADATA)
  writeFileSync(asked, '')
  writeFileSync(
    join(folder, 'hosts'),
    '127.0.0.1 localhost\n::1 localhost\n169.254.169.254 metadata.google.internal metadata\n',
  )
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 192.0.2.1\noptions timeout:1 attempts:1\n')
  const here = await started('unshare', [
    '-n',
    '-m',
    '--propagation',
    'private',
    'sh',
    '-ec',
    `
    mount --bind '${join(folder, 'hosts')}' /etc/hosts
    mount --bind '${join(folder, 'resolv.conf')}' /etc/resolv.conf
    ip link set lo up
    echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
    ip link add out type veth peer name far
    echo ready; exec sleep 3600`,
  ])
  const there = await started('unshare', ['-n', 'sh', '-ec', 'ip link set lo up; echo ready; exec sleep 3600'])
  const inside = (pid: number | undefined, ...argv: string[]) =>
    execFileSync('nsenter', ['-t', String(pid), '-n', '-m', ...argv], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  inside(here.pid, 'ip', 'link', 'set', 'far', 'netns', String(there.pid))
  for (const [child, link, ...addresses] of [
    [there, 'far', '192.0.2.1/24', '169.254.169.254/32'],
    [here, 'out', '192.0.2.2/24'],
  ] as const) {
    for (const address of addresses) inside(child.pid, 'ip', 'addr', 'add', address, 'dev', link)
    inside(child.pid, 'ip', 'link', 'set', link, 'up')
  }
  // Permanent neighbours: the kernel's own later probes would otherwise be counted as a program's packets.
  const hardware = (child: ChildProcess, link: string): string =>
    (JSON.parse(inside(child.pid, 'ip', '-j', 'link', 'show', link)) as [{ address: string }])[0].address
  const known = (child: ChildProcess, link: string, address: string, at: string) =>
    inside(child.pid, 'ip', 'neigh', 'replace', address, 'lladdr', at, 'dev', link, 'nud', 'permanent')
  known(here, 'out', '192.0.2.1', hardware(there, 'far'))
  known(there, 'far', '192.0.2.2', hardware(here, 'out'))
  inside(here.pid, 'ip', 'route', 'add', 'default', 'via', '192.0.2.1')
  const metadata = await started('nsenter', ['-t', String(there.pid), '-n', process.execPath, server, asked])
  const packets = (): number => {
    const [link] = JSON.parse(inside(here.pid, 'ip', '-s', '-j', 'link', 'show', 'out')) as [
      { stats64: { tx: { packets: number } } },
    ]
    return link.stats64.tx.packets
  }
  /** Waits until nothing has left for a while, so that what a connection sends after its program ends counts as the program's. */
  const settled = async (): Promise<number> => {
    for (let [last, quiet] = [packets(), 0]; ; ) {
      if (quiet >= QUIET_MS) return last
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS / 5))
      const now = packets()
      quiet = now === last ? quiet + QUIET_MS / 5 : 0
      last = now
    }
  }
  const requests = () => execFileSync('cat', [asked], { encoding: 'utf8' }).split('\n').length - 1
  return {
    async run(argv, environment, cwd) {
      const [before, askedBefore] = [packets(), requests()]
      const { exit, output } = await ran(['-t', String(here.pid), '-n', '-m', `--wd=${cwd}`, ...argv], environment)
      return { exit, output, packets: (await settled()) - before, askedForMetadata: requests() - askedBefore }
    },
    close() {
      for (const child of [metadata, there, here]) child.kill('SIGKILL')
    },
  }
}

async function started(program: string, argv: string[]): Promise<ChildProcess> {
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  let wrong = ''
  child.stderr?.on('data', (piece) => {
    wrong += piece
  })
  await Promise.race([once(child.stdout!, 'data'), once(child, 'exit').then(() => Promise.reject(new Error(wrong)))])
  return child
}

function ran(argv: string[], env: Record<string, string>): Promise<{ exit: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(NSENTER, argv, { env, timeout: 240_000, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code ?? -1) : 0, output: `${stdout}${stderr}` }),
    )
    child.stdin?.end()
  })
}
