/** Who may connect to us, changed while the daemon runs. Source: protocol 10 §2 "AuthorizedPasswords". */
import { getText, MeshError } from '../../base/index.ts';
import { pageOf, passwordOf } from '../arguments.ts';
import { type AdminFunction, may, needs } from '../function.ts';
import { PER_PAGE } from '../spec.ts';

export const passwords: readonly AdminFunction[] = [
  {
    name: 'AuthorizedPasswords_add',
    access: 'operator',
    args: { password: needs('String'), user: may('String'), ipv6: may('String') },
    run: ({ context, args }) => {
      const password = passwordOf(args);
      const login = getText(args, 'user') ?? `user${context.node.users().length + 1}`;
      // A restriction that we would not enforce must not be accepted.
      if (args.has('ipv6')) return { error: 'Invalid IPv6 Address' };
      if (password === null || login === '') return { error: 'Unknown error.' };
      try {
        context.node.addUser({ login, password, name: login });
      } catch (error) {
        if (!(error instanceof MeshError)) throw error;
        return { error: 'Password already added.' };
      }
      return { error: 'none' };
    },
  },
  {
    name: 'AuthorizedPasswords_list',
    access: 'operator',
    args: { page: may('Int') },
    run: (call) => {
      const users = call.context.node.users();
      const start = pageOf(call) * PER_PAGE.passwords;
      return { total: users.length, users: users.slice(start, start + PER_PAGE.passwords).map((user) => user.login) };
    },
  },
  {
    name: 'AuthorizedPasswords_remove',
    access: 'operator',
    args: { user: needs('String') },
    run: ({ context, args }) => ({
      error: context.node.removeUser(getText(args, 'user') ?? '') ? 'none' : 'Unknown error.',
    }),
  },
];
