import { readdir, readFile, readlink } from 'node:fs/promises';

const LISTENING = '0A';

/** TCP connections of a process to a port, out of /proc: also those that the other side has closed already. */
export async function socketsTo(pid: number, port: number): Promise<number> {
  const [own, table] = await Promise.all([socketInodes(pid), tcpTable(pid)]);
  return table.filter(({ inode, remotePort, state }) => own.has(inode) && remotePort === port && state !== LISTENING)
    .length;
}

async function socketInodes(pid: number): Promise<ReadonlySet<string>> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  // One may be closed between the two calls.
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

async function tcpTable(pid: number) {
  const texts = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')));
  return texts
    .flatMap((text) => text.trim().split('\n').slice(1))
    .map((line) => {
      const [, , remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
      return { remotePort: Number.parseInt(remote.split(':')[1] ?? '', 16), state, inode };
    });
}
