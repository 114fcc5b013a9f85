-- Up to which sending the bodies of a delivery hold what has been erased, while its target may hold it too.

alter table hub.delivery add column erased_serial bigint;

-- What was found to be secret before goes on being taken back.
update hub.delivery d set erased_serial = serial
 where exists (select from hub.erasure e where e.secret and e.record_id = d.record_id)
   and (d.confirmed_body is not null or d.held_body is not null
        or d.state in ('sending', 'awaiting_receipt', 'retrying', 'dead'));
