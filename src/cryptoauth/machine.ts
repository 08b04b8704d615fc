/**
 * The state machine of CryptoAuth, as pure functions of (context, state, input, time). Source: protocol 02 §4 to §10, §14.
 * What is to be done comes out as effects; random numbers and the replay check of established sessions come in.
 *
 * Stock rules, one session; "13" and the like are error numbers (§11). T is the temporary key of the packet.
 *
 *   state           send           hello, new T       hello, same T      key                 data
 *   --------------  -------------  -----------------  -----------------  ------------------  ----------------------
 *   INIT            hello          RECEIVED_HELLO     -                  10                  2
 *                   SENT_HELLO
 *   SENT_HELLO      repeat hello   lower key wins:    -                  RECEIVED_KEY        2
 *                                  RECEIVED_HELLO or
 *                                  no change (§7)
 *   RECEIVED_HELLO  key, SENT_KEY  RECEIVED_HELLO     13; repeat: stays  10                  2
 *   SENT_KEY        repeat key     RECEIVED_HELLO     13; repeat: stays  10                  ESTABLISHED, counter 6
 *   RECEIVED_KEY    data           RECEIVED_HELLO     13                 13; repeat: stays;  ESTABLISHED, counter + 3
 *                                                                        new T: new keys
 *   ESTABLISHED     data           RECEIVED_HELLO     13                 5                   window check: 14
 *   any             counter used up: INIT, hello (§5);  10 s or 60 s without data: INIT (§10)
 *
 * Hardened, where it differs:
 *
 *   what                                what happens                                                              source
 *   ----------------------------------  ------------------------------------------------------------------------  ------
 *   hello accepted, key accepted        the 10 s begin anew                                                       §10
 *   hello in RECEIVED_KEY, ESTABLISHED  a half-open session beside it, answered with `via: 'pending'`; its first  §14.1
 *                                       data packet makes it the one to send with; after 10 s without, dropped
 *   seal 'pending' beside a live one    our own hello beside it: a new handshake that costs nothing if it fails   §14.1
 *   key for such a hello                we send with the new keys, and receive under both until it does, too      §14.1
 *   another session took over           the old one is read for 10 s, and sent with again if it still does        §14.1
 *   hello whose T is used up            13                                                                        §14.2
 *   first data packet                   our temporary private key is wiped; a responder's was when it answered    §14.4
 *   first data packet refused           nothing moves                                                             §14.5
 *   counter used up                     a hello; what it sends under the old keys is still received              §5
 *
 * Under both rules a T of low order is refused with 12.
 */
export { open } from './open.ts';
export { type Sealed, seal } from './seal.ts';
export {
  type Context,
  type Current,
  type Effect,
  type Environment,
  type Established,
  type Handshaking,
  initialState,
  type ReceivedKey,
  type State,
  stateName,
  stateNumber,
} from './state.ts';
export type { Accept, Step } from './step.ts';
export { type Checked, checkTimeouts, reset } from './timeouts.ts';
