import { execFile } from 'node:child_process';
import { chown, cp, mkdir, open, rename, rm, statfs, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from '../../src/kernel/postgres-binaries.ts';

const run = promisify(execFile);

/** A file system of a few megabytes in memory, which can be filled. Only Linux's root may make one. */
export class SmallDisk {
  readonly folder: string;

  static async mount(folder: string, megabytes: number): Promise<SmallDisk> {
    await mkdir(folder);
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'rundum-faults', folder]);
    return new SmallDisk(folder);
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Moves a folder onto it, and leaves a link. */
  async take(folder: string, account: Account | undefined): Promise<void> {
    const moved = join(this.folder, basename(folder));
    await cp(folder, moved, { recursive: true });
    const entries = account ? [this.folder, moved] : [];
    for (const entry of entries) await chown(entry, account!.uid, account!.gid);
    if (account) await run('chown', ['-R', `${account.uid}:${account.gid}`, moved]);
    await rename(folder, `${folder}.old`);
    await symlink(moved, folder);
    await rm(`${folder}.old`, { recursive: true });
  }

  /** Leaves room for so many bytes, or none where others write meanwhile. */
  async fill(left: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.folder);
    const ballast = await open(this.#ballast, 'w');
    const chunk = Buffer.alloc(16 * 1024);
    try {
      for (let room = bavail * bsize - left; room > 0; room -= chunk.length) await ballast.write(chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      await ballast.close();
    }
  }

  async makeRoom(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  get #ballast(): string {
    return join(this.folder, 'ballast');
  }

  async unmount(): Promise<void> {
    await run('umount', ['-l', this.folder]);
  }
}

export async function maySmallDisksBeMade(): Promise<boolean> {
  return process.platform === 'linux' && process.getuid?.() === 0;
}
