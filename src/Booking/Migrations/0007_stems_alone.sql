-- A word stands in what is searched with its stems, always: so whoever looks for its stems finds it as well, and an alternative less is a long list less to be read.
-- What is only begun finds the stems that begin so.
create or replace function booking.wanted(word text, is_begun boolean) returns tsquery language sql immutable parallel safe
    return case
        when not is_begun and to_tsquery('booking.portuguese'::regconfig, word) = to_tsquery('booking.english'::regconfig, word) then to_tsquery('booking.english'::regconfig, word)
        when not is_begun then to_tsquery('booking.portuguese'::regconfig, word) || to_tsquery('booking.english'::regconfig, word)
        when starts_with(to_tsquery('booking.portuguese'::regconfig, word)::text, '''' || word) and starts_with(to_tsquery('booking.english'::regconfig, word)::text, '''' || word)
            then to_tsquery('booking.words'::regconfig, word || ':*')
        when starts_with(to_tsquery('booking.portuguese'::regconfig, word)::text, '''' || word)
            then to_tsquery('booking.words'::regconfig, word || ':*') || to_tsquery('booking.english'::regconfig, word)
        when starts_with(to_tsquery('booking.english'::regconfig, word)::text, '''' || word) or to_tsquery('booking.portuguese'::regconfig, word) = to_tsquery('booking.english'::regconfig, word)
            then to_tsquery('booking.words'::regconfig, word || ':*') || to_tsquery('booking.portuguese'::regconfig, word)
        else to_tsquery('booking.words'::regconfig, word || ':*') || to_tsquery('booking.portuguese'::regconfig, word) || to_tsquery('booking.english'::regconfig, word)
    end;
