import { pair, pick, seededRng } from './support.ts';
import { randomFaults, works, world } from './network.ts';
for (const [ra, rb] of [['hardened','hardened'],['hardened','stock'],['stock','hardened'],['stock','stock']] as const) {
 for (const loss of [0, 20]) {
  const times:number[]=[]; const sent:number[]=[]; let never=0; let multi=0;
  const t0=performance.now();
  for (let seed=0; seed<400; seed++) {
    const rng = seededRng(`h2 ${seed}`);
    const {a,b}=pair({rules:ra, rng: seededRng(`a${seed}`)},{rules:rb, rng: seededRng(`b${seed}`)});
    const w = world(a,b, randomFaults(rng, 200, loss, 3000));
    w.start(0, pick(rng,200)); w.start(1, pick(rng,200));
    w.runUntil(60000, ()=>works(w));
    if(!works(w)) {never++; continue;}
    times.push(w.nowMs()); sent.push(w.sent());
    w.runUntil(w.nowMs()+15000);
    if (!works(w) || [a,b].some(p=>p.table.rowsUsed!==1||p.association.pending)) multi++;
  }
  times.sort((x,y)=>x-y); sent.sort((x,y)=>x-y);
  const q=(v:number[],p:number)=>v[Math.floor((v.length-1)*p)];
  console.log(ra,rb,'loss',loss,'never',never,'multi',multi,'ms',q(times,.5),q(times,.9),q(times,.99),q(times,1),'sent',q(sent,.5),q(sent,.99),q(sent,1),'took',performance.now()-t0);
 }
}
