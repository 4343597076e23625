-- A word stands in what is searched with its stems, always; so whoever looks for the stems finds the word, and each alternative less is a long list less to be read.
-- Of a beginning, the stems that begin so as well are found by it.
create or replace function catalog.wanted(word text, is_begun boolean) returns tsquery language sql immutable parallel safe
    return case
        when is_begun then to_tsquery('catalog.words'::regconfig, word || ':*')
            || case when starts_with(trim(to_tsquery('catalog.portuguese'::regconfig, word)::text, ''''), word) then ''::tsquery else to_tsquery('catalog.portuguese'::regconfig, word) end
            || case when starts_with(trim(to_tsquery('catalog.english'::regconfig, word)::text, ''''), word)
                or to_tsquery('catalog.english'::regconfig, word) = to_tsquery('catalog.portuguese'::regconfig, word) then ''::tsquery else to_tsquery('catalog.english'::regconfig, word) end
        when to_tsquery('catalog.portuguese'::regconfig, word) = to_tsquery('catalog.english'::regconfig, word) then to_tsquery('catalog.portuguese'::regconfig, word)
        else to_tsquery('catalog.portuguese'::regconfig, word) || to_tsquery('catalog.english'::regconfig, word)
    end;
