import { pair, pick, seededRng } from './support.ts';
import { randomFaults, works, world } from './network.ts';
const d=(p:any)=>{const s=p.association.state; const h=(x:any)=>x? x.name+(x.secret?':'+x.secret.revealHex().slice(0,4)+(x.initiator??''):'')+'@'+x.lastInMs:'-'; return h(s.keyed)+'/'+h(s.half)+'/'+h(s.previous)};
for (let seed=0;seed<400;seed++){
 const log:string[]=[]; let last='';
    const rng = seededRng(`h2 ${seed}`);
    const {a,b}=pair({rules:'stock', rng: seededRng(`a${seed}`)},{rules:'hardened', rng: seededRng(`b${seed}`)});
    const w = world(a,b, randomFaults(rng, 200, 0, 3000));
    const loop=()=>{ const t=w.sides.map(s=>d(s.party)).join('   |   '); if(t.replace(/@[^/ ]*/g,'')!==last){log.push(w.nowMs()+' '+t); last=t.replace(/@[^/ ]*/g,'');} return false; };
    w.start(0, pick(rng,200)); w.start(1, pick(rng,200));
    w.runUntil(60000, ()=>{loop(); return works(w);});
    const at=w.nowMs();
    w.runUntil(at+15000,loop);
    if (!works(w) || [a,b].some(p=>p.table.rowsUsed!==1||p.association.pending)) { console.log(seed, at, works(w), a.table.rowsUsed,b.table.rowsUsed,a.association.pending,b.association.pending); console.log(log.join('\n')); break; }
}
