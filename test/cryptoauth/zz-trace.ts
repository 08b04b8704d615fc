import { A, B, pair, pick, restarted, seededRng } from './support.ts';
import { forgetPongs, randomFaults, works, world } from './network.ts';
const seed=755;
const rng = seededRng(`chaos ${seed}`);
const {a,b}=pair({rules:'stock', rng: seededRng(`a${seed}`)},{rules:'hardened', rng: seededRng(`b${seed}`)});
const spread=[50,300,1000,3000,8000][pick(rng,5)] as number; const loss=pick(rng,40);
const w = world(a,b, randomFaults(rng, spread, loss, 20000));
w.start(0, pick(rng,2000)); w.start(1, pick(rng,2000));
const ops=pick(rng,8);
for (let i=0;i<ops;i++) {
  const side = pick(rng,2) as 0|1; const kind=pick(rng,3);
  w.at(pick(rng,20000), ()=> {
    const s = w.sides[side];
    console.log(w.nowMs(),'OP',side,['restart','reset','renew'][kind]);
    if (kind===0) s.party = restarted(s.party, side===0?B:A, {}, `r${seed} ${i}`);
    else if (kind===1) s.party.association.resetHandshake(w.nowMs());
    else if (s.party.environment.rules==='hardened' && s.party.association.stateNumber===100) w.ping(side,'pending');
  });
}
let last='';
const d=(p:any)=>{const s=p.association.state; const h=(x:any)=>x? x.name+(x.secret?':'+x.secret.revealHex().slice(0,4)+(x.initiator??''):''):'-'; return h(s.keyed)+'/'+h(s.half)+'/'+h(s.previous)};
const loop=()=>{ const t=w.sides.map(s=>d(s.party)).join('   |   '); if(t!==last){console.log(w.nowMs(),t); last=t;} return false; };
w.runUntil(20000+spread, loop); forgetPongs(w); console.log('CLEAN', w.nowMs());
w.runUntil(130000, ()=>{loop(); return works(w);});
